// What the colours mean: classes with their counts, which can be hidden, or a colour scale.

import { element, svgElement } from '../shared/dom.js';
import { scaleEnds } from './text.js';

/** @typedef {import('./types.js').Legend} LegendData */
/** @typedef {import('./types.js').LegendEntry} LegendEntry */

/**
 * Stays the same for a class while codes and counts change.
 * @param {LegendEntry} entry
 */
function keyOf(entry) {
  return `${entry.kind}:${entry.kind === 'class' ? entry.label : ''}`;
}

/**
 * @typedef {object} LegendActions
 * @property {() => void} changed classes were hidden or shown
 * @property {(code: number, event: MouseEvent) => void} brush select the points of a class
 */

const BRUSH = 'M4 12.5l5 5L20 6.5';

export class Legend {
  /** @param {LegendActions} actions */
  constructor(actions) {
    this.element = element('aside', { class: 'legend' });
    this.actions = actions;
    this.t = /** @type {import('./types.js').Translate} */ ((key) => key);
    this.language = 'en';
    /** @type {LegendData} */
    this.data = { title: '', entries: [], scale: null };
    /** @type {Map<string, Set<string>>} hidden classes by the legend's title */
    this.hidden = new Map();
    /** 256 flags by code, kept as one array so that holders see changes. */
    this.flags = new Uint8Array(256);
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.drawn = '';
    /** Hashes of classes to hide when the first colouring comes. @type {string[]} */
    this.start = [];
  }

  /**
   * @param {LegendData} data
   * @param {import('./types.js').Translate} t
   * @param {string} language
   */
  update(data, t, language) {
    this.data = data;
    for (const entry of data.entries) {
      if (this.start.includes(hash(keyOf(entry)))) this.hiddenKeys().add(keyOf(entry));
    }
    this.start = [];
    [this.t, this.language] = [t, language];
    this.element.setAttribute('aria-label', t('legend'));
    // A rerun that changes nothing keeps the scroll position and the keyboard focus.
    const content = JSON.stringify([data, language]);
    if (content !== this.drawn) this.render();
    this.drawn = content;
    this.refresh();
  }

  render() {
    const { language } = this;
    const { title, entries, scale } = this.data;
    this.buttons = new Map(entries.map((entry) => [keyOf(entry), this.entryButton(entry)]));
    const rows = entries.map((entry) => this.row(entry));
    const list = element('div', { class: 'entries' }, ...rows);
    const heading = element('div', { class: 'legend-title' }, title);
    heading.hidden = !title;
    this.element.replaceChildren(heading, ...(scale ? [scaleBar(scale, language)] : []), list);
    this.element.hidden = !entries.length && !scale;
  }

  /** @param {LegendEntry} entry */
  row(entry) {
    const select = element('button', { type: 'button', class: 'brush' }, icon(BRUSH));
    select.title = this.t('legend_select', { label: this.label(entry) });
    select.setAttribute('aria-label', select.title);
    select.addEventListener('click', (event) => {
      if (!this.flags[entry.code]) this.actions.brush(entry.code, event);
    });
    const toggle = /** @type {HTMLButtonElement} */ (this.buttons.get(keyOf(entry)));
    return element('div', { class: 'row' }, toggle, select);
  }

  /** @param {LegendEntry} entry */
  label(entry) {
    return entry.kind === 'class' ? entry.label : this.t(`legend_${entry.kind}`);
  }

  /** @param {LegendEntry} entry */
  entryButton(entry) {
    const text = this.label(entry);
    const key = keyOf(entry);
    const title = `${text}\n${this.t('legend_help')}`;
    const node = element('button', { type: 'button', class: 'entry', title });
    node.append(
      swatch(entry.colour),
      element('div', { class: 'name' }, text),
      element('div', { class: 'number' }, entry.count.toLocaleString(this.language)),
    );
    node.addEventListener('click', (event) => (event.shiftKey ? this.isolate(key) : this.toggle(key)));
    node.addEventListener('dblclick', () => this.isolate(key));
    return node;
  }

  /**
   * Show how many points of each class are selected, if any are.
   * @param {Uint8Array} codes of the points
   * @param {Uint8Array} selected one byte a point
   */
  count(codes, selected) {
    const counts = new Uint32Array(256);
    for (let i = 0; i < codes.length; i++) counts[codes[i]] += selected[i];
    const any = counts.some((count) => count > 0);
    for (const entry of this.data.entries) {
      const number = this.buttons.get(keyOf(entry))?.querySelector('.number');
      const total = entry.count.toLocaleString(this.language);
      const n = counts[entry.code].toLocaleString(this.language);
      if (number) number.textContent = any ? this.t('legend_count', { n, total }) : total;
    }
  }

  /** @param {string[]} hashes of classes that the first colouring hides */
  startHidden(hashes) {
    this.start = hashes;
  }

  /** @returns {string[]} of the classes that are hidden under the current colouring */
  hiddenHashes() {
    return [...this.hiddenKeys()].map(hash).sort();
  }

  /** @param {LegendEntry} entry */
  hides(entry) {
    return this.hiddenKeys().has(keyOf(entry));
  }

  /** The keys of the classes that are hidden under the current colouring. */
  hiddenKeys() {
    let keys = this.hidden.get(this.data.title);
    if (!keys) this.hidden.set(this.data.title, (keys = new Set()));
    return keys;
  }

  /** @param {string} key */
  toggle(key) {
    const keys = this.hiddenKeys();
    if (!keys.delete(key)) keys.add(key);
    this.refresh();
    this.actions.changed();
  }

  /**
   * Show this class alone; all classes if it is alone already.
   * @param {string} key
   */
  isolate(key) {
    const keys = this.hiddenKeys();
    const others = [...this.buttons.keys()].filter((other) => other !== key);
    const alone = !keys.has(key) && others.every((other) => keys.has(other));
    keys.clear();
    if (!alone) others.forEach((other) => keys.add(other));
    this.refresh();
    this.actions.changed();
  }

  /** Bring flags and buttons in line with the hidden classes. */
  refresh() {
    const keys = this.hiddenKeys();
    this.flags.fill(0);
    for (const entry of this.data.entries) {
      const hidden = keys.has(keyOf(entry));
      this.flags[entry.code] = Number(hidden || entry.kind === 'dimmed');
      this.buttons.get(keyOf(entry))?.setAttribute('aria-pressed', String(!hidden));
    }
  }
}

/**
 * A short name of a class for addresses: FNV-1a of its UTF-16 code units, 32 bits, base 36.
 * @param {string} key
 */
export function hash(key) {
  let value = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}

/** @param {string} colour CSS */
function swatch(colour) {
  const node = element('div', { class: 'swatch' });
  node.style.background = colour;
  return node;
}

/**
 * @param {import('./types.js').ColourScale} scale
 * @param {string} language
 */
function scaleBar(scale, language) {
  const bar = element('div', { class: 'bar' });
  bar.style.background = `linear-gradient(to right, ${scale.colours.join(', ')})`;
  const [low, high] = scaleEnds(scale, language);
  const ends = [low, scale.unit, high].map((end) => element('div', {}, end));
  const labels = element('div', { class: 'ends' }, ...ends);
  return element('div', { class: 'scale' }, bar, labels);
}

/** @param {string} path of a 24 x 24 icon */
function icon(path) {
  const size = { viewBox: '0 0 24 24', 'aria-hidden': 'true' };
  return svgElement('svg', size, svgElement('path', { d: path }));
}
