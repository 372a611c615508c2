// Which images are selected, and how clicks and keys change that.

import { countSelected } from '../shared/selection.js';

/** A selection over `count` images in display order, with the focus and a range's anchor. */
export class SelectionModel {
  /** @param {number} count */
  constructor(count) {
    this.mask = new Uint8Array(count);
    this.selected = 0;
    this.focus = 0;
    this.anchor = 0;
  }

  get count() {
    return this.mask.length;
  }

  /** The mask was written to from outside. */
  recount() {
    this.selected = countSelected(this.mask);
  }

  /** @param {number} index */
  only(index) {
    this.mask.fill(0);
    this.mask[index] = 1;
    this.selected = 1;
    this.#focusOn(index);
  }

  /** @param {number} index */
  toggle(index) {
    this.mask[index] ^= 1;
    this.selected += this.mask[index] ? 1 : -1;
    this.#focusOn(index);
  }

  /**
   * Select from the anchor to `index`.
   * @param {number} index
   * @param {boolean} keep whether what was selected stays so
   */
  rangeTo(index, keep) {
    if (!keep) this.mask.fill(0);
    this.mask.fill(1, Math.min(this.anchor, index), Math.max(this.anchor, index) + 1);
    this.focus = index;
    this.recount();
  }

  /** @param {boolean} on */
  setAll(on) {
    this.mask.fill(on ? 1 : 0);
    this.selected = on ? this.count : 0;
  }

  invert() {
    for (let i = 0; i < this.mask.length; i++) this.mask[i] ^= 1;
    this.selected = this.count - this.selected;
  }

  /**
   * Move the focus, and with `extend` the end of the range.
   * @param {number} index any number; held inside the images
   * @param {boolean} extend
   */
  moveTo(index, extend) {
    const target = Math.min(Math.max(0, index), this.count - 1);
    if (extend) this.rangeTo(target, false);
    else this.#focusOn(target);
  }

  /** @param {number} index */
  #focusOn(index) {
    this.focus = index;
    this.anchor = index;
  }
}

/**
 * Carry a selection over to another list of images, by image id.
 * @param {SelectionModel} from
 * @param {Float64Array} oldIds
 * @param {Float64Array} newIds
 * @returns {SelectionModel}
 */
export function carriedOver(from, oldIds, newIds) {
  const chosen = new Set();
  for (let i = 0; i < oldIds.length; i++) if (from.mask[i]) chosen.add(oldIds[i]);
  const model = new SelectionModel(newIds.length);
  if (chosen.size) {
    for (let i = 0; i < newIds.length; i++) if (chosen.has(newIds[i])) model.mask[i] = 1;
  }
  model.recount();
  const focus = Math.max(0, newIds.indexOf(oldIds[from.focus]));
  model.focus = focus;
  model.anchor = focus;
  return model;
}

/**
 * Where a navigation key leads.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} focus index
 * @param {number} count of images
 * @param {{columns: number, pageRows: number}} grid
 * @returns {number | null} an index inside the images, null for any other key
 */
export function keyTarget(key, focus, count, grid) {
  const down = (/** @type {number} */ rows) => {
    const target = focus + rows * grid.columns;
    return target >= 0 && target < count ? target : null;
  };
  switch (key) {
    case 'ArrowLeft': return Math.max(0, focus - 1);
    case 'ArrowRight': return Math.min(count - 1, focus + 1);
    case 'ArrowUp': return down(-1) ?? focus;
    case 'ArrowDown': return down(1) ?? (sameRow(focus, count - 1, grid) ? focus : count - 1);
    case 'PageUp': return down(-grid.pageRows) ?? focus % grid.columns;
    case 'PageDown': return down(grid.pageRows) ?? count - 1;
    case 'Home': return 0;
    case 'End': return count - 1;
    default: return null;
  }
}

/**
 * @param {number} a
 * @param {number} b
 * @param {{columns: number}} grid
 */
function sameRow(a, b, grid) {
  return Math.floor(a / grid.columns) === Math.floor(b / grid.columns);
}
