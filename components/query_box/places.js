// Places in a text: Python counts characters, the browser counts UTF-16 units.

/**
 * Characters before a place.
 * @param {string} text
 * @param {number} units
 */
export function codePoints(text, units) {
  let points = 0;
  for (const char of text.slice(0, units)) if (char) points += 1;
  return points;
}

/**
 * The place behind so many characters, at most the end.
 * @param {string} text
 * @param {number} points
 */
export function codeUnits(text, points) {
  let units = 0;
  let left = points;
  for (const char of text) {
    if (left <= 0) break;
    units += char.length;
    left -= 1;
  }
  return units;
}

/**
 * Where an error of the server stands; at the end, the last character.
 * @param {string} text
 * @param {{column: number, length: number}} error the column counts from 1
 */
export function errorRange(text, { column, length }) {
  const start = codeUnits(text, Math.max(0, column - 1));
  const end = codeUnits(text, Math.max(0, column - 1) + Math.max(1, length));
  if (start < end) return { start, end };
  const trimmed = text.trimEnd().length;
  return { start: Math.max(0, trimmed - 1), end: trimmed };
}
