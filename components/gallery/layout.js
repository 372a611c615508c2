// Where tiles go: rows and columns, and a scroll range that browsers can hold.

/** Narrowest tile of each size, CSS px. */
export const TILE_WIDTHS = { small: 104, medium: 168, large: 264 };
/** @typedef {keyof typeof TILE_WIDTHS} TileSize */

export const GAP = 10;

// Browsers stop laying out elements at 16 to 33 million px, less on high-density screens.
export const MAX_SCROLL_HEIGHT = 8_000_000;

/**
 * @typedef {{columns: number, tileWidth: number, rowHeight: number, rows: number,
 *   height: number}} Layout  widths and heights in CSS px; `rowHeight` includes the gap
 */

/**
 * @param {number} count of images
 * @param {number} width inside the scroller, CSS px
 * @param {TileSize} size
 * @param {number} captionHeight below each picture, CSS px
 * @returns {Layout}
 */
export function gridLayout(count, width, size, captionHeight) {
  const columns = Math.max(1, Math.floor((width + GAP) / (TILE_WIDTHS[size] + GAP)));
  const tileWidth = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const rowHeight = Math.round(tileWidth + captionHeight + GAP);
  const rows = Math.ceil(count / columns);
  return { columns, tileWidth, rowHeight, rows, height: rows * rowHeight };
}

/**
 * Rows that touch the window, with some beyond each edge.
 * @param {Layout} layout
 * @param {number} top of the window, CSS px of content
 * @param {number} viewport height, CSS px
 * @param {number} overscan rows beyond each edge
 * @returns {{first: number, end: number}} end exclusive
 */
export function visibleRows(layout, top, viewport, overscan) {
  const first = Math.max(0, Math.floor(top / layout.rowHeight) - overscan);
  const end = Math.min(layout.rows, Math.ceil((top + viewport) / layout.rowHeight) + overscan);
  return { first: Math.min(first, end), end };
}

/**
 * Maps a scrollbar of bounded length onto content of any height.
 *
 * Small steps (wheel, keys) move the content by as much as the scrollbar, so that they feel the
 * same at any size; large ones (dragging the thumb) go to the proportional place. `settle` gives
 * the scrollbar position that agrees with the content again.
 */
export class ScrollScale {
  constructor() {
    this.top = 0;
    this.content = 0;
    this.viewport = 0;
    this.bar = 0;
  }

  /** Height of the element that makes the scrollbar, CSS px. */
  get scrollHeight() {
    return Math.min(this.content, MAX_SCROLL_HEIGHT);
  }

  get #contentRange() {
    return Math.max(0, this.content - this.viewport);
  }

  get #barRange() {
    return Math.max(0, this.scrollHeight - this.viewport);
  }

  /**
   * @param {number} content height, CSS px
   * @param {number} viewport height, CSS px
   */
  resize(content, viewport) {
    this.content = content;
    this.viewport = viewport;
    this.moveTo(this.top);
  }

  /**
   * The scrollbar moved; follow it.
   * @param {number} bar its new position, CSS px
   */
  scrolled(bar) {
    const step = bar - this.bar;
    const range = this.#contentRange;
    this.bar = bar;
    if (range <= this.#barRange) this.top = bar;
    else if (Math.abs(step) > this.viewport) this.top = bar * range / this.#barRange;
    else this.top += step;
    this.top = Math.min(Math.max(0, this.top), range);
    // At its ends the scrollbar has no step left for the last bit of content.
    if (bar <= 0 && this.top < this.viewport) this.top = 0;
    if (bar >= this.#barRange && range - this.top < this.viewport) this.top = range;
  }

  /**
   * @param {number} top wanted position, CSS px of content
   * @returns {number} the position of the scrollbar that shows it
   */
  moveTo(top) {
    this.top = Math.min(Math.max(0, top), this.#contentRange);
    return this.settle();
  }

  /** @returns {number} the position of the scrollbar that agrees with the content */
  settle() {
    const range = this.#contentRange;
    const bar = range > 0 ? Math.round(this.top * this.#barRange / range) : 0;
    // Rounding must not put the scrollbar at an end that the content has not reached.
    const low = this.top > 0 ? 1 : 0;
    const high = this.#barRange - (this.top < range ? 1 : 0);
    this.bar = Math.max(low, Math.min(bar, high));
    return this.bar;
  }
}
