// Texts and numbers in the visitor's language.

import { fill } from '../shared/dom.js';

/**
 * @param {Record<string, string>} texts with placeholders such as `{n}`
 * @param {string} language BCP 47
 * @returns {import('./types.js').Translate}
 */
export function translator(texts, language) {
  const numbers = new Intl.NumberFormat(language, { maximumSignificantDigits: 15 });
  return (key, values = {}) => {
    const written = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? numbers.format(value) : value,
    ]);
    return fill(texts[key] ?? key, Object.fromEntries(written));
  };
}

/**
 * The lowest and the highest value of a colour scale as they are read: short numbers, or days.
 * @param {import('./types.js').ColourScale} scale
 * @param {string} language
 * @returns {[string, string]}
 */
export function scaleEnds({ low, high, dates }, language) {
  const write = dates ? scaleDate : scaleNumber;
  return [write(low, language), write(high, language)];
}

/**
 * @param {number} value
 * @param {string} language
 */
function scaleNumber(value, language) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

/**
 * @param {number} seconds since 1970, UTC
 * @param {string} language
 */
function scaleDate(seconds, language) {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeZone: 'UTC' });
  return format.format(seconds * 1000);
}
