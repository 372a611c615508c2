// The card beside the cursor: thumbnail, name, prediction and tags of the point under it.

import { element } from '../shared/dom.js';

const KEPT = 300;
const GAP = 14;

/**
 * @typedef {object} Summary
 * @property {string} [name]
 * @property {string | null} [label]
 * @property {number | null} [confidence] in [0, 1]
 * @property {({name: string} | string)[]} [tags]
 */

export class Tooltip {
  constructor() {
    this.image = element('img', { alt: '' });
    this.image.addEventListener('error', () => (this.image.hidden = true));
    this.name = element('div', { class: 'tooltip-name' });
    this.label = element('div', { class: 'tooltip-label' });
    this.tags = element('div', { class: 'tooltip-tags' });
    const parts = [this.image, this.name, this.label, this.tags];
    this.element = element('div', { class: 'tooltip', hidden: '' }, ...parts);
    this.shown = -1;
    /** Where it was placed last, to be placed anew when it has grown. */
    this.at = { cursor: { x: 0, y: 0 }, width: 0, height: 0 };
    this.image.addEventListener('load', () => this.placeAgain());
    /** @type {Map<string, Summary>} */
    this.known = new Map();
    /** @type {AbortController | null} */
    this.asking = null;
  }

  hide() {
    this.asking?.abort();
    this.element.hidden = true;
    this.shown = -1;
  }

  /**
   * @param {number} id of the image
   * @param {{thumbnail: string, summary: string}} templates addresses with `{id}`
   */
  show(id, templates) {
    if (id === this.shown) return;
    this.asking?.abort();
    this.shown = id;
    this.element.hidden = false;
    this.image.hidden = false;
    this.image.src = templates.thumbnail.replace('{id}', String(id));
    this.fill({});
    this.ask(templates.summary.replace('{id}', String(id)));
  }

  /** @param {string} url */
  async ask(url) {
    const known = this.known.get(url);
    if (known) {
      this.fill(known);
      return;
    }
    const asking = (this.asking = new AbortController());
    try {
      const response = await fetch(url, { signal: asking.signal });
      if (!response.ok) return;
      const summary = await response.json();
      this.remember(url, summary);
      if (!asking.signal.aborted) this.fill(summary);
    } catch {
      // Moved on, or the server is away: the card stays without text.
    }
  }

  /**
   * @param {string} url
   * @param {Summary} summary
   */
  remember(url, summary) {
    this.known.set(url, summary);
    const oldest = this.known.keys().next().value;
    if (this.known.size > KEPT && oldest !== undefined) this.known.delete(oldest);
  }

  /** Forget what is known, so that changed tags and labels show. */
  forget() {
    this.known.clear();
  }

  /** @param {Summary} summary */
  fill({ name, label, confidence, tags }) {
    this.name.textContent = name ?? '';
    const percent = typeof confidence === 'number' ? `${(100 * confidence).toFixed(1)} %` : '';
    this.label.textContent = [label, percent].filter(Boolean).join(' · ');
    const names = (tags ?? []).map((tag) => (typeof tag === 'string' ? tag : tag.name));
    this.tags.replaceChildren(...names.map((text) => element('div', { class: 'tag' }, text)));
    this.placeAgain();
  }

  /**
   * Beside the cursor, inside the stage.
   * @param {{x: number, y: number}} cursor CSS px
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  place(cursor, width, height) {
    this.at = { cursor, width, height };
    const { offsetWidth, offsetHeight } = this.element;
    const right = cursor.x + GAP + offsetWidth < width;
    const below = cursor.y + GAP + offsetHeight < height;
    const left = right ? cursor.x + GAP : cursor.x - GAP - offsetWidth;
    const top = below ? cursor.y + GAP : cursor.y - GAP - offsetHeight;
    this.element.style.left = `${Math.max(4, left)}px`;
    this.element.style.top = `${Math.max(4, top)}px`;
  }

  /** Name, tags and picture come later than the card. */
  placeAgain() {
    const { cursor, width, height } = this.at;
    if (!this.element.hidden && width) this.place(cursor, width, height);
  }
}
