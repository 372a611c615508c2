// The virtualised grid: only rows in sight are in the document, and their nodes are reused.

import { element } from '../shared/dom.js';
import { GAP, ScrollScale, gridLayout, visibleRows } from './layout.js';

/** @typedef {import('./tile.js').Tile} Tile */
/** @typedef {import('./layout.js').TileSize} TileSize */
/** @typedef {{root: HTMLElement, tiles: Tile[], row: number}} RowNode */

/**
 * @typedef {{
 *   createTile: () => Tile,
 *   drawTile: (tile: Tile) => void,
 *   settled: (tiles: Tile[]) => void,
 * }} GridHost
 * `drawTile` fills a tile that stands for another image now; `settled` gets the tiles in sight
 * when scrolling pauses.
 */

const OVERSCAN_ROWS = 2;
const SETTLE_MS = 60;
const EDGE = 4;

let lastGrid = 0;

export class Grid {
  /** @param {GridHost} host */
  constructor(host) {
    this.host = host;
    this.prefix = `gallery${++lastGrid}-`;
    this.scale = new ScrollScale();
    this.count = 0;
    /** @type {TileSize} */
    this.size = 'medium';
    this.captionHeight = 0;
    this.maxHeight = 0;
    this.layout = gridLayout(0, 1, 'medium', 0);
    /** @type {Map<number, RowNode>} */
    this.rows = new Map();
    /** @type {RowNode[]} */
    this.spare = [];
    this.settleTimer = 0;
    this.frame = 0;
    this.sizer = element('div', { class: 'sizer', role: 'presentation' });
    this.layer = element('div', { class: 'layer', role: 'presentation' });
    this.sizer.append(this.layer);
    this.root = element('div', {
      class: 'scroller', role: 'grid', tabindex: '0', 'aria-multiselectable': 'true',
    }, this.sizer);
    this.root.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  /** Rows that fit into the window, at least one. */
  get pageRows() {
    return Math.max(1, Math.floor(this.scale.viewport / this.layout.rowHeight));
  }

  /**
   * @param {{count: number, size: TileSize, captionHeight: number, maxHeight: number}} shape
   *   heights in CSS px
   */
  configure(shape) {
    Object.assign(this, shape);
    this.relayout();
  }

  /**
   * The width or the shape changed, or the scroller was out of the document, where it loses its
   * position: keep the image at the top where it is.
   */
  relayout() {
    const width = this.layer.clientWidth;
    if (!width) return;
    const topImage = Math.floor(this.scale.top / this.layout.rowHeight) * this.layout.columns;
    const remainder = this.scale.top % this.layout.rowHeight;
    const before = this.layout;
    this.layout = gridLayout(this.count, width, this.size, this.captionHeight);
    const viewport = Math.min(this.maxHeight, this.layout.height + 2 * EDGE);
    this.root.style.height = `${viewport}px`;
    const moved = before.columns !== this.layout.columns || before.rowHeight !== this.layout.rowHeight;
    if (moved) this.#dropRows();
    this.root.setAttribute('aria-rowcount', String(this.layout.rows));
    this.root.setAttribute('aria-colcount', String(this.layout.columns));
    this.root.style.setProperty('--columns', String(this.layout.columns));
    this.root.style.setProperty('--tile-width', `${this.layout.tileWidth}px`);
    this.scale.resize(this.layout.height + 2 * EDGE, viewport);
    this.sizer.style.height = `${this.scale.scrollHeight}px`;
    const row = Math.floor(topImage / this.layout.columns);
    this.#scrollTo(row * this.layout.rowHeight + (moved ? 0 : remainder));
  }

  /** Forget every tile and start at the top; `configure` draws again. */
  reset() {
    this.#dropRows();
    this.scale.moveTo(0);
  }

  /** @param {number} index bring this image into sight */
  reveal(index) {
    const top = Math.floor(index / this.layout.columns) * this.layout.rowHeight;
    const bottom = top + this.layout.rowHeight + 2 * EDGE;
    if (top < this.scale.top) this.#scrollTo(top);
    else if (bottom > this.scale.top + this.scale.viewport) {
      this.#scrollTo(bottom - this.scale.viewport);
    }
  }

  /** @returns {Tile[]} tiles that stand for an image */
  tiles() {
    const all = [...this.rows.values()].flatMap((row) => row.tiles);
    return all.filter((tile) => tile.index >= 0);
  }

  /** @param {number} index @returns {string} the DOM id of the tile that stands for it */
  domId(index) {
    return this.prefix + index;
  }

  #scrollPending() {
    return Math.abs(this.root.scrollTop - this.scale.bar) >= 1;
  }

  #scrolled() {
    // Our own moves of the scrollbar come back as events, with nothing left to follow.
    if (!this.#scrollPending()) return;
    this.scale.scrolled(this.root.scrollTop);
    if (!this.frame) this.frame = requestAnimationFrame(() => this.#draw());
  }

  /** @param {number} top CSS px of content */
  #scrollTo(top) {
    this.root.scrollTop = this.scale.moveTo(top);
    this.#draw();
  }

  #draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { layout, scale } = this;
    const { first, end } = visibleRows(layout, scale.top, scale.viewport, OVERSCAN_ROWS);
    for (const [row, node] of this.rows) {
      if (row >= first && row < end) continue;
      this.rows.delete(row);
      this.spare.push(node);
    }
    for (let row = first; row < end; row++) if (!this.rows.has(row)) this.#place(row);
    for (const node of this.spare) node.root.hidden = true;
    // Rows hang on the scrollbar's position, so that the browser moves them before we draw.
    const origin = scale.bar - scale.top + EDGE;
    for (const [row, node] of this.rows) {
      node.root.style.transform = `translateY(${origin + row * layout.rowHeight}px)`;
    }
    clearTimeout(this.settleTimer);
    this.settleTimer = window.setTimeout(() => this.#settle(), SETTLE_MS);
  }

  #settle() {
    // Off the page or in a closed tab there is no scroll position to agree with.
    if (!this.root.clientHeight) return;
    if (this.#scrollPending()) {
      // The browser has moved on and its event is still on the way: that comes first.
      this.#scrolled();
      return;
    }
    const bar = this.scale.bar;
    if (this.scale.settle() !== bar) this.#scrollTo(this.scale.top);
    this.host.settled(this.tiles());
  }

  /** @param {number} row */
  #place(row) {
    const node = this.spare.pop() ?? this.#createRow();
    const { columns } = this.layout;
    node.row = row;
    node.root.hidden = false;
    node.root.setAttribute('aria-rowindex', String(row + 1));
    node.tiles.forEach((tile, column) => {
      const index = row * columns + column;
      tile.stand(index < this.count ? index : -1, this.domId(index));
      tile.root.setAttribute('aria-colindex', String(column + 1));
      if (tile.index >= 0) this.host.drawTile(tile);
    });
    this.rows.set(row, node);
  }

  /** @returns {RowNode} */
  #createRow() {
    const tiles = Array.from({ length: this.layout.columns }, () => this.host.createTile());
    const root = element('div', { class: 'row', role: 'row' }, ...tiles.map((tile) => tile.root));
    root.style.columnGap = `${GAP}px`;
    this.layer.append(root);
    return { root, tiles, row: -1 };
  }

  #dropRows() {
    this.layer.replaceChildren();
    this.rows.clear();
    this.spare = [];
  }
}
