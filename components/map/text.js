// Texts and numbers in the visitor's language.

import { fill } from '../shared/dom.js';

const DAY = 86_400; // seconds

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
 * The lowest and the highest value of a colour scale as they are read: short numbers, days, or hours.
 * @param {import('./types.js').ColourScale} scale
 * @param {string} language
 * @returns {[string, string]}
 */
export function scaleEnds({ low, high, dates }, language) {
  if (!dates) return [scaleNumber(low, language), scaleNumber(high, language)];
  // Within two days it is the hour that tells the ends apart.
  const hours = high - low < 2 * DAY;
  return [scaleDate(low, language, hours), scaleDate(high, language, hours)];
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
 * @param {boolean} hours
 */
function scaleDate(seconds, language, hours) {
  /** @type {Intl.DateTimeFormatOptions} */
  const style = { dateStyle: 'short', timeZone: 'UTC', ...(hours ? { timeStyle: 'short' } : {}) };
  const format = new Intl.DateTimeFormat(language, style);
  return format.format(seconds * 1000);
}
