// What the list below the text offers, which of it is chosen, and what choosing writes.

import { codePoints, codeUnits } from './places.js';

/**
 * `start` and `end`, in characters, are what `text` replaces.
 * @typedef {{
 *   text: string, label: string, kind: 'field' | 'value' | 'keyword', count: number | null,
 *   start: number, end: number,
 * }} Option
 */

export class Completion {
  constructor() {
    /** @type {Option[]} */
    this.options = [];
    this.active = 0;
    /** Whether a person moved to the active option, so that Enter means it. */
    this.picked = false;
  }

  get open() {
    return this.options.length > 0;
  }

  /** @param {Option[]} options */
  offer(options) {
    const before = this.picked ? this.options[this.active]?.text : undefined;
    const again = options.findIndex((option) => option.text === before);
    this.options = options;
    this.picked = again >= 0;
    this.active = Math.max(0, again);
  }

  close() {
    this.options = [];
    this.active = 0;
    this.picked = false;
  }

  /** @param {number} step */
  move(step) {
    const n = this.options.length;
    if (!n) return;
    if (!this.picked) this.active = step > 0 ? 0 : n - 1;
    else this.active = (this.active + step + n) % n;
    this.picked = true;
  }

  /** The option that Tab or Enter takes. @returns {Option | null} */
  chosen() {
    return this.options[this.active] ?? null;
  }
}

/**
 * The query with an option written into it.
 * @param {string} query
 * @param {Option} option
 * @returns {{text: string, caret: number}} the caret in UTF-16 units
 */
export function written(query, option) {
  const start = codeUnits(query, option.start);
  const end = Math.max(start, codeUnits(query, option.end));
  const rest = query.slice(end);
  // Behind a field its value follows at once; behind all else the next word.
  const space = option.kind !== 'field' && !/^[\s),]/.test(rest) ? ' ' : '';
  const head = query.slice(0, start) + option.text + space;
  const skipped = option.kind !== 'field' && !space && /^\s/.test(rest) ? 1 : 0;
  return { text: head + rest, caret: head.length + skipped };
}

/**
 * Whatever arrived, as options that fit the query; anything malformed is left out.
 * @param {unknown} payload
 * @param {string} query
 * @returns {Option[]}
 */
export function readOptions(payload, query) {
  if (!Array.isArray(payload)) return [];
  const length = codePoints(query, query.length);
  return payload.filter((option) => (
    typeof option?.text === 'string' && typeof option.label === 'string'
    && Number.isInteger(option.start) && Number.isInteger(option.end)
    && option.start >= 0 && option.start <= option.end && option.end <= length
  ));
}
