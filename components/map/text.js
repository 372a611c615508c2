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
 * A value on a colour scale, short.
 * @param {number} value
 * @param {string} language
 */
export function scaleNumber(value, language) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

/**
 * A day on a colour scale.
 * @param {number} seconds since 1970, UTC
 * @param {string} language
 */
export function scaleDate(seconds, language) {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeZone: 'UTC' });
  return format.format(seconds * 1000);
}
