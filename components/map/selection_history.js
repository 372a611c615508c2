// Selections that can be gone back to and forth.

import { packBits, unpackBits } from '../shared/selection.js';

const KEPT = 100;

export class SelectionHistory {
  constructor() {
    /** @type {Uint8Array[]} packed bits, the latest last */
    this.past = [];
    /** @type {Uint8Array[]} */
    this.future = [];
  }

  /** Forget everything: the points are others. */
  clear() {
    this.past = [];
    this.future = [];
  }

  /**
   * The selection changes; what was undone is gone.
   * @param {Uint8Array} before one byte a point
   */
  changed(before) {
    this.past.push(packBits(before));
    if (this.past.length > KEPT) this.past.shift();
    this.future = [];
  }

  /**
   * @param {Uint8Array} now one byte a point
   * @returns {Uint8Array | null} the selection before; null if there is none
   */
  undo(now) {
    return step(this.past, this.future, now);
  }

  /**
   * @param {Uint8Array} now one byte a point
   * @returns {Uint8Array | null} the selection that was undone last; null if there is none
   */
  redo(now) {
    return step(this.future, this.past, now);
  }
}

/**
 * @param {Uint8Array[]} from
 * @param {Uint8Array[]} to
 * @param {Uint8Array} now
 */
function step(from, to, now) {
  const bits = from.pop();
  if (!bits) return null;
  to.push(packBits(now));
  const mask = new Uint8Array(now.length);
  unpackBits(bits, mask);
  return mask;
}
