// The gallery: takes what Python sends, shows it, and tells Python what a person chose.

import { element } from '../shared/dom.js';
import { announceHover, onHover } from '../shared/hover.js';
import { encodeSelection, unpackBits } from '../shared/selection.js';
import { offerTarget, withdrawTarget } from '../shared/target.js';
import { Grid } from './grid.js';
import { Outbox } from './outbox.js';
import { RowCache } from './rows.js';
import { SelectionModel, carriedOver, keyTarget } from './selection_model.js';
import { Tile, captionHeight } from './tile.js';
import { Toolbar } from './toolbar.js';

/** @typedef {import('./layout.js').TileSize} TileSize */
/** @typedef {import('./tile.js').Caption} Caption */

/**
 * What Python sends; see `gallery` in __init__.py.
 * @typedef {{
 *   view: string, n: number, ids_url: string, selection_url: string, selection_version: string,
 *   heard: number, data_version: string, thumbnail_url: string, rows_url: string, height: number,
 *   around: number, size: TileSize, captions: Caption[], texts: Record<string, string>, language: string,
 *   empty: string,
 * }} GalleryData
 */
/** @typedef {import('../shared/mount.js').Component<GalleryData>} GalleryComponent */

const TOOLBAR_HEIGHT = 44;

/** @param {string} url @returns {Promise<ArrayBuffer>} */
async function fetchBinary(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

export class GalleryView {
  /** @param {GalleryComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.root = element('div', { class: 'gallery' });
    this.rows = new RowCache(() => this.#redraw());
    this.grid = new Grid({
      createTile: () => new Tile(this.data.captions, this.data.texts, this.percent),
      drawTile: (tile) => this.#drawTile(tile),
      settled: (tiles) => this.#settled(tiles),
    });
    this.message = element('div', { class: 'message', role: 'status' });
    /** @type {Float64Array} */
    this.ids = new Float64Array(0);
    this.model = new SelectionModel(0);
    this.percent = new Intl.NumberFormat('en', { style: 'percent' });
    /** @type {TileSize | null} */
    this.size = null;
    this.idsUrl = '';
    /** @type {string | null} */
    this.selectionVersion = null;
    this.look = '';
    this.call = 0;
    this.outbox = new Outbox((sequence, kind, index) => this.component.setTriggerValue('event', {
      kind, index, ids: this.idsUrl, sequence, selection: encodeSelection(this.model.mask),
    }));
    /** The image that the cursor is on in another view, and the one that it is on here; -1: none. */
    this.pointed = -1;
    this.hovered = -1;
    this.stopHearing = () => {};
    /** The selection before the first of two clicks. @type {Uint8Array | null} */
    this.before = null;
    this.observer = new ResizeObserver(() => this.grid.relayout());
    this.windowResized = () => this.#configureGrid();
    this.#listen();
  }

  /** @param {GalleryComponent} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    this.outbox.heard(this.data.heard);
    this.size ??= this.data.size;
    this.rows.configure(this.data.rows_url, this.data.data_version);
    this.#applyLook();
    void this.#receive(component.data, ++this.call);
  }

  attached() {
    this.observer.observe(this.root);
    window.addEventListener('resize', this.windowResized);
    this.stopHearing();
    this.stopHearing = onHover(this, (id) => this.#point(id));
    offerTarget(this, () => this.#target());
    this.grid.relayout();
    this.outbox.again();
  }

  detached() {
    this.observer.disconnect();
    window.removeEventListener('resize', this.windowResized);
    withdrawTarget(this);
    this.stopHearing();
    this.#point(-1);
    this.#hover(-1);
    this.outbox.pause();
  }

  /** Texts and captions are built into nodes: build them again when they change. */
  #applyLook() {
    const look = JSON.stringify([this.data.texts, this.data.captions, this.data.language]);
    if (look === this.look) return;
    this.look = look;
    this.percent = new Intl.NumberFormat(this.data.language, { style: 'percent' });
    const numbers = new Intl.NumberFormat(this.data.language);
    this.toolbar = new Toolbar(this.data.texts, numbers, {
      selectAll: () => this.#change(() => this.model.setAll(true)),
      selectNone: () => this.#change(() => this.model.setAll(false)),
      invert: () => this.#change(() => this.model.invert()),
      resize: (size) => this.#resize(size),
    });
    this.grid.root.setAttribute('aria-label', this.data.texts.images);
    this.root.replaceChildren(this.toolbar.root, this.grid.root, this.message);
    this.grid.reset();
  }

  /**
   * @param {GalleryData} data
   * @param {number} call a later one makes this one void
   */
  async #receive(data, call) {
    const newIds = data.ids_url !== this.idsUrl;
    const newSelection = this.#mustApply(data, newIds);
    try {
      const [ids, bits] = await Promise.all([
        newIds ? fetchBinary(data.ids_url) : null,
        newSelection ? fetchBinary(data.selection_url) : null,
      ]);
      if (call !== this.call) return;
      if (ids) this.#takeIds(new Float64Array(ids), data.ids_url);
      if (bits) this.#takeSelection(new Uint8Array(bits));
      this.selectionVersion = data.selection_version;
      this.#show();
    } catch (error) {
      if (call !== this.call) return;
      console.warn(error);
      this.#say(data.texts.load_failed);
    }
  }

  /**
   * Whether Python's selection replaces ours: when it is new and not our own coming back.
   * @param {GalleryData} data
   * @param {boolean} newIds
   */
  #mustApply(data, newIds) {
    if (this.selectionVersion === null) return true;
    if (data.selection_version === this.selectionVersion) return false;
    return newIds || data.heard === 0 || data.heard > this.outbox.sequence;
  }

  /** @param {Float64Array} ids @param {string} url */
  #takeIds(ids, url) {
    this.model = carriedOver(this.model, this.ids, ids);
    this.ids = ids;
    this.idsUrl = url;
    this.grid.reset();
  }

  /** @param {Uint8Array} bits */
  #takeSelection(bits) {
    unpackBits(bits, this.model.mask);
    this.model.recount();
    this.outbox.holdBack();
  }

  #show() {
    const empty = this.ids.length === 0;
    this.grid.root.hidden = empty;
    this.message.hidden = !empty;
    this.message.textContent = this.data.empty;
    this.#configureGrid();
    this.toolbar?.showSize(this.size ?? this.data.size);
    this.#redraw();
    this.#settled(this.grid.tiles());
  }

  /** @param {string} text */
  #say(text) {
    this.message.hidden = false;
    this.message.textContent = text;
  }

  #configureGrid() {
    this.grid.configure({
      count: this.ids.length,
      size: this.size ?? this.data.size,
      captionHeight: captionHeight(this.data.captions),
      maxHeight: Math.max(160, this.#height() - TOOLBAR_HEIGHT),
    });
  }

  #height() {
    const { height, around } = this.data;
    return around ? Math.max(height, window.innerHeight - around) : height;
  }

  /** @param {TileSize} size */
  #resize(size) {
    this.size = size;
    this.toolbar?.showSize(size);
    this.#configureGrid();
  }

  /** @param {Tile} tile */
  #drawTile(tile) {
    tile.describe(this.rows.get(this.ids[tile.index]));
    this.#markTile(tile);
  }

  /** @param {Tile} tile */
  #markTile(tile) {
    tile.mark(this.model.mask[tile.index] === 1, tile.index === this.model.focus);
    tile.point(this.ids[tile.index] === this.pointed);
  }

  #redraw() {
    for (const tile of this.grid.tiles()) this.#drawTile(tile);
    this.#showSelection();
  }

  #showSelection() {
    for (const tile of this.grid.tiles()) this.#markTile(tile);
    this.grid.root.setAttribute('aria-activedescendant', this.grid.domId(this.model.focus));
    this.toolbar?.showCount(this.model.selected, this.ids.length);
  }

  /** @param {Tile[]} tiles in sight, and scrolling has paused */
  #settled(tiles) {
    for (const tile of tiles) {
      tile.load(this.data.thumbnail_url.replace('{id}', String(this.ids[tile.index])));
    }
    this.rows.want(tiles.map((tile) => this.ids[tile.index]));
  }

  #listen() {
    const { root } = this.grid;
    root.addEventListener('click', (event) => this.#clicked(event));
    root.addEventListener('dblclick', (event) => {
      const index = tileIndex(event);
      if (index !== null && !onCheck(event)) this.#doubleClicked(index);
    });
    root.addEventListener('keydown', (event) => this.#pressed(event));
    root.addEventListener('pointerover', (event) => this.#hover(this.ids[tileIndex(event) ?? -1] ?? -1));
    root.addEventListener('pointerleave', () => this.#hover(-1));
    root.addEventListener('focusout', () => this.#hover(-1));
    // Whoever leaves for a button outside wants it to act on what is chosen now.
    for (const name of /** @type {const} */ (['pointerleave', 'focusout'])) {
      this.root.addEventListener(name, () => this.outbox.flush());
    }
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const index = tileIndex(event);
    if (index === null) return;
    const several = event.ctrlKey || event.metaKey;
    if (event.detail === 1) this.before = this.model.mask.slice();
    this.#change(() => {
      if (event.shiftKey) this.model.rangeTo(index, several);
      else if (several || onCheck(event)) this.model.toggle(index);
      else this.model.only(index);
    });
  }

  /**
   * A double click opens an image; what its first click has selected is taken back.
   * @param {number} index
   */
  #doubleClicked(index) {
    if (this.before?.length === this.model.count) {
      this.model.mask.set(this.before);
      this.model.recount();
      this.#showSelection();
    }
    this.#open(index);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (!this.ids.length || event.altKey) return;
    const { model } = this;
    const several = event.ctrlKey || event.metaKey;
    const grid = { columns: this.grid.layout.columns, pageRows: this.grid.pageRows };
    const target = keyTarget(event.key, model.focus, model.count, grid);
    if (target !== null) this.#goTo(target, event.shiftKey);
    else if (event.key === ' ') this.#change(() => model.toggle(model.focus));
    else if (event.key === 'Enter') this.#open(model.focus);
    else if (event.key === 'Escape') this.#change(() => model.setAll(false));
    else if (several && event.key.toLowerCase() === 'a') this.#change(() => model.setAll(true));
    else return;
    event.preventDefault();
    // Streamlit has shortcuts of its own on the whole page.
    event.stopPropagation();
  }

  /** @param {number} index @param {boolean} extend */
  #goTo(index, extend) {
    this.model.moveTo(index, extend);
    this.grid.reveal(index);
    this.#showSelection();
    this.#hover(this.ids[this.model.focus]);
    if (extend) this.outbox.soon();
  }

  /** @param {number} id of the image that the cursor or the keyboard is on here; -1: none */
  #hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    announceHover(this, id);
  }

  /** @param {number} id of the image that another view points at; -1: none */
  #point(id) {
    this.pointed = id;
    for (const tile of this.grid.tiles()) tile.point(this.ids[tile.index] === id);
  }

  /** @param {() => void} act changes the selection */
  #change(act) {
    act();
    this.#showSelection();
    this.outbox.soon();
  }

  /** @param {number} index */
  #open(index) {
    this.outbox.send('open', index);
  }

  /** The selection at this moment, sent or not. */
  #target() {
    const { mask, selected } = this.model;
    if (!selected) return null;
    return { kind: 'gallery', ids: this.idsUrl, selection: encodeSelection(mask) };
  }

}

/** @param {Event} event @returns {number | null} */
function tileIndex(event) {
  const tile = /** @type {Element} */ (event.target).closest('.tile');
  return tile instanceof HTMLElement ? Number(tile.dataset.index) : null;
}

/** @param {Event} event */
function onCheck(event) {
  return /** @type {Element} */ (event.target).closest('.check') !== null;
}
