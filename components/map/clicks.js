// A click selects a point, a double click opens one and leaves the selection as it was.

import { combineMasks } from './lasso.js';

/** @typedef {import('./gestures.js').Position} Position */
/** @typedef {import('./lasso.js').SelectionMode} SelectionMode */

// Python hears of a click when it is none of a double click's two; that of a slow hand comes later
// and is taken back with the next event.
const WAIT_MS = 280;

export class Clicks {
  /** @param {import('./view.js').MapView} view */
  constructor(view) {
    this.view = view;
    /** The selection before the first of the latest clicks in quick succession. @type {Uint8Array | null} */
    this.before = null;
    /** Its length, to go back to by a double click. */
    this.past = 0;
    this.at = -Infinity;
    /** What Python is not told yet. @type {SelectionMode | null} */
    this.untold = null;
    this.timer = 0;
  }

  /**
   * @param {Position} cursor
   * @param {SelectionMode} mode
   */
  click(cursor, mode) {
    const { model, scene } = this.view;
    const now = performance.now();
    if (now - this.at > 2 * WAIT_MS || !this.before) {
      this.tell();
      this.before = model.selected;
      this.past = model.history.past.length;
    }
    this.at = now;
    const index = scene.pointAt(cursor);
    if (index < 0) return;
    const point = new Uint8Array(model.size);
    point[index] = 1;
    const changed = model.change(combineMasks(model.selected, point, mode));
    this.view.showSelection(model.selected);
    this.view.controls.show();
    if (!changed) return;
    this.untold = mode;
    model.holdBack = true;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), WAIT_MS);
  }

  /** Tell Python of the click that it has not heard of. */
  tell() {
    const mode = this.untold;
    this.forget();
    if (mode) this.view.report(mode);
  }

  /** Something else tells Python of the whole selection. */
  forget() {
    clearTimeout(this.timer);
    this.untold = null;
    this.view.model.holdBack = false;
  }

  /**
   * The second of two clicks: what the first has selected is taken back.
   * @param {Position} cursor
   */
  open(cursor) {
    const { model, scene } = this.view;
    const index = scene.pointAt(cursor);
    if (this.before && performance.now() - this.at < 2 * WAIT_MS && model.size === this.before.length) {
      model.selected = this.before;
      model.history.past.length = Math.min(model.history.past.length, this.past);
      this.view.showSelection(model.selected);
    }
    const mode = this.untold;
    this.before = null;
    if (index >= 0) this.view.openPoint(index);
    else if (mode) this.forget();
  }
}
