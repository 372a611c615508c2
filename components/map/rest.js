// The cursor's place, told a moment after it came: what it only passes is not looked up.

/** @typedef {import('./gestures.js').Position} Position */

const AFTER_MS = 125;

export class Rest {
  /** @param {(cursor: Position | null) => void} tell null: it has left the stage */
  constructor(tell) {
    this.tell = tell;
    this.cursor = /** @type {Position | null} */ (null);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {Position | null} cursor */
  at(cursor) {
    this.cursor = cursor;
    if (cursor) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.tell(this.cursor);
      }, AFTER_MS);
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.tell(null);
  }
}
