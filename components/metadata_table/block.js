// The block of cells that is chosen: from an anchor to the cell that has the focus.

/** @typedef {{row: number, column: number}} Place */

export class Block {
  constructor() {
    /** @type {Place} */
    this.anchor = { row: 0, column: 0 };
    /** @type {Place} */
    this.focus = { row: 0, column: 0 };
    this.rows = 0;
    this.columns = 0;
  }

  get top() {
    return Math.min(this.anchor.row, this.focus.row);
  }

  get bottom() {
    return Math.max(this.anchor.row, this.focus.row);
  }

  get left() {
    return Math.min(this.anchor.column, this.focus.column);
  }

  get right() {
    return Math.max(this.anchor.column, this.focus.column);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  holds(row, column) {
    return row >= this.top && row <= this.bottom && column >= this.left && column <= this.right;
  }

  /**
   * The table has so many cells now.
   * @param {number} rows
   * @param {number} columns
   */
  resize(rows, columns) {
    [this.rows, this.columns] = [rows, columns];
    this.span(this.anchor, this.focus);
  }

  /**
   * @param {Place} anchor
   * @param {Place} focus
   */
  span(anchor, focus) {
    this.anchor = this.#within(anchor);
    this.focus = this.#within(focus);
  }

  /**
   * @param {Place} focus
   * @param {boolean} grows whether the anchor stays where it is
   */
  go(focus, grows) {
    this.span(grows ? this.anchor : focus, focus);
  }

  /** @param {Place} place */
  #within({ row, column }) {
    return {
      row: Math.max(0, Math.min(row, this.rows - 1)),
      column: Math.max(0, Math.min(column, this.columns - 1)),
    };
  }
}
