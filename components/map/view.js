// One map: turns gestures, keys and what Python sends into changes of scene and selection.

import { countSelected, encodeSelection } from '../shared/selection.js';
import { offerTarget, withdrawTarget } from '../shared/target.js';
import { Clicks } from './clicks.js';
import { Controls } from './controls.js';
import { Gestures } from './gestures.js';
import { combineMasks } from './lasso.js';
import { Layout } from './layout.js';
import { load, MapModel } from './model.js';
import { legendSvg, saveFile, withLegend } from './picture.js';
import { Pointing } from './pointing.js';
import { Rest } from './rest.js';
import { Scene } from './scene.js';
import { Sharing } from './sharing.js';
import { translator } from './text.js';

/** @typedef {import('./gestures.js').Position} Position */
/** @typedef {import('./lasso.js').SelectionMode} SelectionMode */
/** @typedef {import('./types.js').MapData} MapData */
/** @typedef {import('../shared/mount.js').Component<MapData>} Component */

// Beyond this many points only the number is shown while a shape is drawn.
const PREVIEW_LIMIT = 300_000;
// Counting takes at most this share of the time while a shape is drawn.
const PREVIEW_SHARE = 0.25;

export class MapView {
  constructor() {
    this.t = translator({}, 'en');
    this.turn = 0;
    this.nextPreview = 0;
    this.controls = new Controls(this);
    this.sharing = new Sharing(this);
    this.layout = new Layout(this.controls, {
      changed: () => this.hiddenChanged(),
      brush: (code, event) => this.brush(code, event),
    });
    this.root = this.layout.root;
    this.model = new MapModel(this.layout.legend.flags);
    this.scene = new Scene(this.layout, this.model.cloud, (index) => this.thumbnail(index));
    this.clicks = new Clicks(this);
    this.gestures = new Gestures(this.layout.stage, this);
    this.pointing = new Pointing(this);
    this.rest = new Rest((cursor) => this.pointing.rested(cursor));
    this.scene.moves = () => this.moved();
    this.controls.listen(this.root);
    this.resizing = new ResizeObserver(() => this.scene.resize());
    // A handle for tests: scene.camera.state() is all that projecting a point takes.
    Object.assign(this.root, { __view: this });
  }

  attached() {
    this.resizing.observe(this.layout.stage);
    this.scene.attached();
    // What is picked in the gallery beside the map is a part of what is selected on it.
    offerTarget(this, () => this.target(), 0);
    this.sharing.attached();
  }

  detached() {
    this.clicks.tell();
    this.resizing.disconnect();
    withdrawTarget(this);
    this.sharing.detached();
    this.gestures.cancel();
    this.scene.detached();
    this.layout.tooltip.hide();
  }

  dispose() {
    this.scene.dispose();
  }

  /**
   * Take over what Python sent.
   * @param {Component} component
   */
  async update(component) {
    const { data } = component;
    this.component = component;
    this.t = translator(data.texts, data.language);
    this.layout.translate(data, this.t);
    if (!this.data) this.introduce(data);
    this.controls.show();
    this.sharing.update(data);
    this.layout.tooltip.forget();
    const turn = ++this.turn;
    try {
      const loaded = await load(data, this.model.dataset);
      if (turn === this.turn) this.show(data, loaded);
    } catch (error) {
      if (turn !== this.turn) return; // a newer call has come in meanwhile
      console.warn(error);
      const action = () => void this.update(component);
      this.layout.say(this.t('load_failed'), { label: this.t('retry'), action });
    }
  }

  /**
   * Show what is known before the points have come: legend and toolbar decide how large the stage is.
   * @param {MapData} data
   */
  introduce(data) {
    this.layout.legend.startHidden(data.link?.hidden ?? []);
    this.layout.legend.update(data.legend, this.t, data.language);
    this.showCount(0, data.n);
  }

  /**
   * @param {MapData} data
   * @param {import('./model.js').Loaded} loaded
   */
  show(data, loaded) {
    this.data = data;
    const { layout } = this;
    const isNew = this.model.take(data, loaded);
    if (isNew) this.gestures.cancel();
    this.layout.legend.update(data.legend, this.t, data.language);
    if (!this.gestures.drawing) this.showSelection(this.model.selected);
    layout.pins.set('opened', this.indexOf(data.link?.opened));
    if (isNew) layout.pins.set('pointed', -1);
    this.scene.show(data, isNew);
    this.pointing.place();
    this.layout.say(data.n ? '' : this.t('empty'));
    this.root.dataset.ready = data.dataset;
  }

  /** @param {Uint8Array} selected one byte a point; the model's, or a preview of it */
  showSelection(selected) {
    const { layout, model } = this;
    this.showCount(countSelected(selected), selected.length);
    layout.toolbar.showHistory(model.history.past.length > 0, model.history.future.length > 0);
    layout.legend.count(model.cloud.codes, selected);
    this.scene.setSelected(selected);
  }

  /**
   * @param {number} n of selected points
   * @param {number} total
   */
  showCount(n, total) {
    const widest = this.t('count', { n: total, total });
    this.layout.toolbar.showCount(this.t('count', { n, total }), widest, n > 0);
  }

  hiddenChanged() {
    this.hover(null);
    this.scene.uploadPalette();
    this.sharing.changed();
  }

  /** The selection at this moment, for keys of the whole page. */
  target() {
    const { selected, dataset } = this.model;
    if (!selected.includes(1)) return null;
    return { kind: 'map', dataset, selection: encodeSelection(selected) };
  }

  // What the controls do.

  /**
   * Go one selection back or forth.
   * @param {'undo' | 'redo'} direction
   */
  step(direction) {
    const { model } = this;
    const selected = model.history[direction](model.selected);
    if (!selected) return;
    model.selected = selected;
    this.report(direction);
  }

  /**
   * Select the shown points of a class.
   * @param {number} code
   * @param {MouseEvent} event whose held keys say how
   */
  brush(code, event) {
    const { codes } = this.model.cloud;
    const mode = this.gestures.mode(event);
    this.select(combineMasks(this.model.selected, codes.map((other) => Number(other === code)), mode), mode);
  }

  /** Whether an image is shown large beside the map. */
  get opened() {
    return (this.data?.link?.opened ?? null) !== null;
  }

  clear() {
    this.select(new Uint8Array(this.model.size), 'clear');
  }

  escape() {
    if (this.gestures.drawing) this.gestures.cancel();
    else if (this.opened) this.send({ kind: 'close' });
    else if (this.model.selected.includes(1)) this.clear();
  }

  /** Hand out what is drawn, with a legend of the classes in it, as PNG, and the whole legend as SVG. */
  async save() {
    const { layout, scene, data } = this;
    const map = await scene.picture();
    if (!map || !data) return;
    const { color: ink, backgroundColor } = getComputedStyle(layout.root);
    const labelOf = (/** @type {import('./types.js').LegendEntry} */ entry) => layout.legend.label(entry);
    const look = { labelOf, ink, language: data.language };
    const entries = data.legend.entries.filter((entry) => !layout.legend.hides(entry));
    const shown = legendSvg({ ...data.legend, entries }, look);
    const density = layout.canvas.width / scene.width;
    const picture = await withLegend(map, shown, density, backgroundColor);
    if (picture) saveFile(picture, 'map.png');
    const { svg } = legendSvg(data.legend, look);
    saveFile(new Blob([svg], { type: 'image/svg+xml' }), 'legend.svg');
  }

  /** @returns {number} index of the selected point if it is the only one, else -1 */
  onlySelected() {
    const { selected } = this.model;
    return countSelected(selected) === 1 ? selected.indexOf(1) : -1;
  }

  // What the gestures do.

  settings() {
    const { tool, mode } = this.controls;
    return { tool, mode, dim: this.data?.dim ?? 3 };
  }

  /**
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   */
  rotate(dx, dy) {
    this.scene.rotate(dx, dy);
  }

  /**
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   */
  pan(dx, dy) {
    this.scene.pan(dx, dy);
  }

  /**
   * @param {number} factor below 1 zooms in
   * @param {Position} cursor
   */
  zoom(factor, cursor) {
    this.scene.zoom(factor, cursor);
  }

  /**
   * @param {number[] | null} polygon null: given up
   * @param {SelectionMode} mode
   */
  previewShape(polygon, mode) {
    const { controls, layout, model } = this;
    layout.drawOutline(polygon);
    controls.show(mode);
    if (!polygon) {
      this.showSelection(model.selected);
      return;
    }
    const began = performance.now();
    if (began < this.nextPreview) return;
    const selected = this.combined(polygon, mode);
    if (model.size <= PREVIEW_LIMIT) this.showSelection(selected);
    else this.showCount(countSelected(selected), selected.length);
    const now = performance.now();
    this.nextPreview = now + (now - began) * (1 / PREVIEW_SHARE - 1);
  }

  /**
   * @param {number[]} polygon
   * @param {SelectionMode} mode
   */
  finishShape(polygon, mode) {
    this.layout.drawOutline(null);
    this.select(this.combined(polygon, mode), mode);
  }

  /**
   * The selection as it is after this shape.
   * @param {number[]} polygon
   * @param {SelectionMode} mode
   */
  combined(polygon, mode) {
    return combineMasks(this.model.selected, this.scene.enclosed(polygon, this.controls.visibleOnly), mode);
  }

  /**
   * @param {Position} cursor
   * @param {SelectionMode} mode
   */
  click(cursor, mode) {
    this.clicks.click(cursor, mode);
  }

  /** @param {Position} cursor */
  open(cursor) {
    this.clicks.open(cursor);
  }

  /**
   * @param {number} index of a point
   * @returns {string} address of its picture
   */
  thumbnail(index) {
    return (this.data?.thumbnail_url ?? '').replace('{id}', String(this.model.ids[index]));
  }

  /** @param {Position | null} cursor null: away from the stage */
  hover(cursor) {
    this.rest.at(cursor);
  }

  /**
   * @param {number | null | undefined} id of an image
   * @returns {number} index of its point, -1 if it has none
   */
  indexOf(id) {
    return id === null || id === undefined || id < 0 ? -1 : this.model.ids.indexOf(id);
  }

  /** The camera or the size of the stage may have changed. */
  moved() {
    this.sharing.changed();
    this.pointing.place();
  }

  // What Python hears of.

  /**
   * Select points; a selection that changes nothing, as the second half of a double click, is not
   * reported.
   * @param {Uint8Array} selected
   * @param {SelectionMode | 'clear'} op
   */
  select(selected, op) {
    if (this.model.change(selected)) this.report(op);
    else this.showSelection(this.model.selected);
    this.controls.show();
  }

  /** @param {SelectionMode | 'clear' | 'undo' | 'redo'} op */
  report(op) {
    this.showSelection(this.model.selected);
    this.send({ kind: 'select', op });
  }

  /** @param {number} index -1 does nothing */
  openPoint(index) {
    if (index >= 0) this.send({ kind: 'open', index });
  }

  /** @param {Record<string, string | number>} what */
  send(what) {
    this.clicks.forget();
    this.component?.setTriggerValue('event', this.model.event(what));
  }
}
