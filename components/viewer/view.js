// The viewer: a picture to zoom and pan, its boxes, and the way to its neighbours.

import { button, element, fill, focusedElement } from '../shared/dom.js';
import { offerTarget, withdrawTarget } from '../shared/target.js';
import { BoxLayer } from './boxes.js';
import { BoxEditor } from './editor.js';
import { Gestures } from './gestures.js';
import { boxKey } from './keys.js';
import { Tools } from './tools.js';
import { reasonOf } from './reason.js';
import {
  boxInFrame, centred, fitted, held, panInto, zoomed,
} from './transform.js';

/** @typedef {import('./transform.js').Transform} Transform */
/** @typedef {import('./saving.js').DrawnBox} DrawnBox */

/**
 * What Python sends; see `viewer` in __init__.py.
 * @typedef {{
 *   view: string, id: number, url: string, width: number, height: number, name: string, note: string,
 *   boxes: import('./boxes.js').Box[], drawn: DrawnBox[] | null, editable: boolean,
 *   classes: string[], answer: import('./saving.js').Answer, position: string, view_height: number,
 *   texts: Record<string, string>, language: string,
 * }} ViewerData
 */
/** @typedef {import('../shared/mount.js').Component<ViewerData>} ViewerComponent */

const KEY_PAN = 80;
const KEY_ZOOM = 1.25;

export class ViewerView {
  /** @param {ViewerComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.boxes = new BoxLayer();
    this.boxesShown = true;
    this.modelShown = true;
    this.id = 0;
    this.url = '';
    this.look = '';
    /** @type {Transform} */
    this.transform = { scale: 1, x: 0, y: 0 };
    this.isFitted = true;
    /** What had the focus when the viewer came. @type {HTMLElement | null} */
    this.before = null;
    this.image = element('img', { draggable: 'false', decoding: 'async' });
    this.message = element('div', { class: 'message', role: 'status' });
    this.stage = element('div', { class: 'stage', tabindex: '0', role: 'group' });
    this.bar = element('div', { class: 'bar small-buttons' });
    this.editor = new BoxEditor(this);
    this.tools = new Tools(this.editor, (shown) => this.#showModel(shown));
    this.stage.append(this.image, this.boxes.root, this.message, this.editor.input.root);
    this.root = element('div', { class: 'viewer' }, this.bar, this.tools.root, this.stage);
    this.gestures = new Gestures(this.stage, {
      begin: (at, event) => (this.#canEdit ? this.editor.begin(at, event) : null),
      hover: (at) => this.#hover(at),
      pan: (dx, dy) => this.#pan(dx, dy),
      zoom: (factor, x, y) => this.#zoom(factor, x, y),
    });
    this.observer = new ResizeObserver(() => this.#resized());
    this.#listen();
  }

  /** Size of the upright picture; Python's figures hold until the picture itself is here. */
  get picture() {
    const { naturalWidth, naturalHeight } = this.image;
    if (naturalWidth && naturalHeight && this.stage.dataset.state === 'loaded') {
      return { width: naturalWidth, height: naturalHeight };
    }
    return { width: Math.max(1, this.data.width), height: Math.max(1, this.data.height) };
  }

  get frame() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  get texts() {
    return this.data.texts;
  }

  get #canEdit() {
    return this.editor.on && this.stage.dataset.state === 'loaded';
  }

  /** @param {ViewerComponent} component */
  update(component) {
    this.component = component;
    const { data } = component;
    this.data = data;
    this.root.style.height = `${data.view_height}px`;
    if (data.id !== this.id) {
      this.id = data.id;
      this.gestures.cancel();
      this.editor.open();
    }
    if (!data.editable && this.editor.on) this.editor.turn(false);
    this.editor.heard(data);
    this.#buildBar();
    this.#load();
    this.changed();
  }

  /** The boxes or what is done with them have changed. */
  changed() {
    const percent = new Intl.NumberFormat(this.data.language, { style: 'percent' });
    this.boxes.show(this.editor.shown(this.modelShown), this.editor.selected, percent);
    this.stage.classList.toggle('edited', this.editor.on);
    if (!this.editor.on) this.stage.style.cursor = '';
    this.editButton?.setAttribute('aria-pressed', String(this.editor.on));
    this.tools.show(this.texts, this.modelShown);
    this.#showBoxes(this.boxesShown || this.editor.on);
    this.#place(this.transform);
  }

  /** @param {import('./saving.js').Change} change */
  send(change) {
    this.component.setTriggerValue('event', { kind: 'boxes', id: this.id, ...change });
  }

  /**
   * Bring a box into sight.
   * @param {import('./corners.js').Corners} box
   */
  reveal(box) {
    const { dx, dy } = panInto(boxInFrame(box, this.transform, this.picture), this.frame);
    if (dx || dy) this.#pan(dx, dy);
  }

  attached() {
    this.observer.observe(this.stage);
    offerTarget(this, () => ({ kind: 'image', id: this.data.id }));
    this.before = focusedElement();
    this.stage.focus({ preventScroll: true });
  }

  detached() {
    const focused = focusedElement();
    // Whoever came from a view that is still there goes back to it.
    if (!focused || this.root.contains(focused)) this.before?.focus({ preventScroll: true });
    this.before = null;
    this.observer.disconnect();
    withdrawTarget(this);
  }

  #load() {
    const { data } = this;
    this.image.alt = data.name;
    this.stage.setAttribute('aria-label', data.name);
    if (data.url === this.url) return;
    this.url = data.url;
    this.#setState('loading', data.texts.loading);
    this.image.src = data.url;
    this.#fit();
  }

  /**
   * @param {'loading' | 'loaded' | 'broken'} state
   * @param {string} text
   */
  #setState(state, text) {
    this.stage.dataset.state = state;
    this.message.textContent = text;
  }

  /** Build the bar again when its texts change: a rerun must not take the focus from a button. */
  #buildBar() {
    const { data } = this;
    const look = JSON.stringify([
      data.name, data.note, data.position, data.texts, this.editor.boxes.length, data.editable,
    ]);
    if (look === this.look) return;
    this.look = look;
    const { texts } = data;
    const focused = /** @type {ShadowRoot | Document} */ (this.root.getRootNode()).activeElement;
    // Images of one upload share their folders: what tells them apart is the end.
    const end = data.name.slice(data.name.lastIndexOf('/') + 1);
    const name = element('span', { class: 'name', title: data.name }, end);
    const note = element('span', { class: 'note', title: data.note }, data.note);
    note.hidden = !data.note;
    this.boxButton = button(
      fill(texts.boxes, { n: this.editor.boxes.length }),
      () => this.#toggleBoxes(), { title: texts.boxes_hint, 'data-action': 'boxes' },
    );
    this.boxButton.hidden = this.editor.boxes.length === 0;
    this.editButton = button(
      texts.edit, () => this.editor.turn(!this.editor.on),
      { title: texts.edit_hint, 'data-action': 'edit' },
    );
    this.editButton.hidden = !data.editable;
    this.scaleLabel = element('span', { class: 'scale' });
    const buttons = [
      button('‹', () => this.#send('previous'), labelled(texts.previous, 'previous')),
      element('span', { class: 'position' }, data.position),
      button('›', () => this.#send('next'), labelled(texts.next, 'next')),
      name, note, this.editButton, this.boxButton, this.scaleLabel,
      button(texts.fit, () => this.#fit(), { title: texts.fit_hint }),
      button(texts.actual, () => this.#actual(), { title: texts.actual_hint }),
      button('×', () => this.#send('close'), labelled(texts.close, 'close')),
    ];
    const action = focused instanceof HTMLElement ? focused.dataset.action : undefined;
    this.bar.replaceChildren(...buttons);
    const again = buttons.find((node) => action && node.dataset.action === action);
    again?.focus();
  }

  #toggleBoxes() {
    this.boxesShown = !this.boxesShown;
    this.changed();
  }

  /** @param {boolean} shown */
  #showBoxes(shown) {
    this.boxes.root.classList.toggle('off', !shown);
    this.boxButton?.setAttribute('aria-pressed', String(shown));
  }

  /** @param {boolean} shown the model's boxes beside those of people */
  #showModel(shown) {
    this.modelShown = shown;
    this.changed();
  }

  #fit() {
    this.isFitted = true;
    this.#place(fitted(this.picture, this.frame));
  }

  #actual() {
    this.isFitted = false;
    this.#place(centred(this.picture, this.frame, 1 / (window.devicePixelRatio || 1)));
  }

  /** @param {number} factor @param {number} x @param {number} y */
  #zoom(factor, x, y) {
    const smallest = Math.min(fitted(this.picture, this.frame).scale, 1) / 2;
    this.isFitted = false;
    this.#place(zoomed(this.transform, factor, x, y, smallest));
  }

  /** @param {number} dx @param {number} dy */
  #pan(dx, dy) {
    this.isFitted = false;
    this.#place({ ...this.transform, x: this.transform.x + dx, y: this.transform.y + dy });
  }

  #resized() {
    if (this.isFitted) this.#fit();
    else this.#place(this.transform);
  }

  /** @param {Transform} wanted */
  #place(wanted) {
    const { picture, frame } = this;
    if (!frame.width || !frame.height) return;
    this.transform = held(wanted, picture, frame);
    const { scale, x, y } = this.transform;
    this.image.style.width = `${picture.width}px`;
    this.image.style.height = `${picture.height}px`;
    this.image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    // Beyond twice its size a picture is looked at for its pixels.
    this.image.classList.toggle('pixels', scale * (window.devicePixelRatio || 1) > 2);
    this.boxes.place(this.transform, picture, frame);
    const percent = new Intl.NumberFormat(this.data.language, { style: 'percent' });
    const share = scale * (window.devicePixelRatio || 1);
    if (this.scaleLabel) this.scaleLabel.textContent = percent.format(share);
  }

  #listen() {
    this.image.addEventListener('load', () => {
      this.#setState('loaded', '');
      this.#resized();
    });
    this.image.addEventListener('error', () => void this.#explain(this.url));
    this.stage.addEventListener('dblclick', () => {
      if (this.editor.on && this.editor.selected !== null) this.editor.rename();
      else this.#fit();
    });
    this.root.addEventListener('keydown', (event) => this.#pressed(event));
  }

  /**
   * Say why a picture cannot be shown: the server knows it, an image element does not.
   * @param {string} url
   */
  async #explain(url) {
    this.#setState('broken', this.data.texts.broken);
    const reason = await reasonOf(url);
    if (reason && url === this.url) this.#setState('broken', reason);
  }

  /** @param {import('./corners.js').Point} at */
  #hover(at) {
    if (this.#canEdit) this.editor.hover(at);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey) {
      // Undo, which the page hears, must find what keys have moved.
      this.editor.flush();
      return;
    }
    const act = this.#meant(event);
    if (!act) return;
    act();
    event.preventDefault();
    // Streamlit has shortcuts of its own on the whole page.
    event.stopPropagation();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {(() => void) | undefined} what a key does; nothing is left to do where a box took it
   */
  #meant(event) {
    if (event.key === 'Escape' && this.gestures.cancel()) return () => {};
    if (this.#canEdit && boxKey(this.editor, event)) return () => {};
    return event.altKey ? undefined : this.#keyAction(event.key, event.shiftKey);
  }

  /**
   * @param {string} key
   * @param {boolean} shift arrows pan instead of leading to a neighbour
   * @returns {(() => void) | undefined}
   */
  #keyAction(key, shift) {
    const { width, height } = this.frame;
    const zoomBy = (/** @type {number} */ factor) => () => this.#zoom(
      factor, width / 2, height / 2,
    );
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: shift ? () => this.#pan(KEY_PAN, 0) : () => this.#send('previous'),
      ArrowRight: shift ? () => this.#pan(-KEY_PAN, 0) : () => this.#send('next'),
      ArrowUp: () => this.#pan(0, KEY_PAN),
      ArrowDown: () => this.#pan(0, -KEY_PAN),
      '+': zoomBy(KEY_ZOOM),
      '=': zoomBy(KEY_ZOOM),
      '-': zoomBy(1 / KEY_ZOOM),
      0: () => this.#fit(),
      z: () => this.#actual(),
      b: () => this.#toggleBoxes(),
      ...(this.data.editable ? { e: () => this.editor.turn(!this.editor.on) } : {}),
      Escape: () => this.#send('close'),
    };
    return actions[key.length === 1 ? key.toLowerCase() : key];
  }

  /** @param {'previous' | 'next' | 'close'} kind */
  #send(kind) {
    const { id } = this;
    this.editor.input.settle();
    this.editor.flush();
    // A change that is on its way must not be overtaken.
    this.editor.queue.whenIdle(() => this.component.setTriggerValue('event', { kind, id }));
  }
}

/**
 * @param {string} label what a button without words does
 * @param {string} action
 */
function labelled(label, action) {
  return { 'aria-label': label, title: label, 'data-action': action, class: 'icon' };
}
