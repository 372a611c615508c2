// The points a view shows and which of them are selected, in step with Python.

import { encodeSelection, unpackBits } from '../shared/selection.js';
import { unpackIds } from './ids.js';
import { SelectionHistory } from './selection_history.js';
import { fetchBuffer } from './transport.js';

/** @typedef {import('./types.js').MapData} MapData */

/**
 * @typedef {object} Loaded
 * @property {Float32Array} positions
 * @property {Float64Array | null} ids null when they are those that are known already
 * @property {Uint8Array} codes
 * @property {Uint8Array} selected packed bits; empty when nothing is selected
 */

// Python answers within a second or so; after this long an event counts as lost.
const ANSWER_MS = 10_000;
const POSITION_BYTES = 12;

/**
 * Fetch what `data` refers to.
 * @param {MapData} data
 * @param {string} known the dataset that the model holds
 * @returns {Promise<Loaded>}
 */
export async function load(data, known) {
  const { n } = data;
  const [points, codes, selected] = await Promise.all(request(data));
  const packedIds = new Uint8Array(points, POSITION_BYTES * n);
  return {
    positions: new Float32Array(points, 0, 3 * n),
    ids: data.dataset === known ? null : await unpackIds(packedIds, n),
    codes: new Uint8Array(codes),
    selected: new Uint8Array(selected),
  };
}

/**
 * Ask for what `data` refers to, if nobody has yet.
 * @param {Pick<MapData, 'points_url' | 'codes_url' | 'selection'>} data
 * @returns {Promise<ArrayBuffer>[]} of points, codes and selection
 */
export function request({ points_url: points, codes_url: codes, selection: { url } }) {
  const selected = url ? fetchBuffer(url) : Promise.resolve(new ArrayBuffer(0));
  return [fetchBuffer(points), fetchBuffer(codes), selected];
}

export class MapModel {
  /** @param {Uint8Array} hidden 256 flags by code, shared with the legend */
  constructor(hidden) {
    /** @type {import('./types.js').Cloud} */
    this.cloud = { positions: new Float32Array(0), codes: new Uint8Array(0), hidden };
    this.ids = /** @type {Float64Array} */ (new Float64Array(0));
    this.selected = /** @type {Uint8Array} */ (new Uint8Array(0));
    this.history = new SelectionHistory();
    this.dataset = '';
    /** Version of Python's selection that was taken over last. */
    this.version = '';
    /** The event that Python has not answered yet. @type {{stamp: number, until: number} | null} */
    this.pending = null;
    /** Whether there is a selection that Python will hear of in a moment. */
    this.holdBack = false;
  }

  get size() {
    return this.cloud.codes.length;
  }

  /**
   * Take over what Python sent.
   * @param {MapData} data
   * @param {Loaded} loaded
   * @returns {boolean} whether the points are others than before
   */
  take(data, loaded) {
    const isNew = data.dataset !== this.dataset;
    if (isNew) {
      this.dataset = data.dataset;
      this.ids = loaded.ids ?? this.ids;
      this.cloud.positions = loaded.positions;
      this.selected = new Uint8Array(data.n);
      this.pending = null;
      this.history.clear();
    }
    this.cloud.codes = loaded.codes;
    if (this.pending?.stamp === data.seen) this.pending = null;
    const { version } = data.selection;
    if (isNew || (version !== this.version && !this.awaitsAnswer())) {
      this.version = version;
      const given = new Uint8Array(data.n);
      unpackBits(loaded.selected, given);
      if (isNew) this.selected = given;
      else this.change(given);
    }
    return isNew;
  }

  /**
   * Select these points; what was selected before can be gone back to.
   * @param {Uint8Array} selected one byte a point
   * @returns {boolean} whether that changes anything
   */
  change(selected) {
    if (selected.every((flag, i) => flag === this.selected[i])) return false;
    this.history.changed(this.selected);
    this.selected = selected;
    return true;
  }

  /**
   * Whether Python's selection may be older than the one on the screen. Taking it over would undo
   * what the visitor has just drawn.
   */
  awaitsAnswer() {
    return this.holdBack || (this.pending !== null && performance.now() < this.pending.until);
  }

  /**
   * What goes to Python: always the full selection, since of two events in quick succession only
   * the last may arrive.
   * @param {Record<string, string | number>} what
   */
  event(what) {
    // Grows over reloads of the page too, which a counter would not.
    const stamp = Math.max(Date.now(), (this.pending?.stamp ?? 0) + 1);
    this.pending = { stamp, until: performance.now() + ANSWER_MS };
    return { ...what, stamp, dataset: this.dataset, selection: encodeSelection(this.selected) };
  }
}
