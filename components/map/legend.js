// What the colours mean: classes with their counts, which can be hidden, or a colour scale.

import { element } from '../shared/dom.js';
import { scaleNumber } from './text.js';

/** @typedef {import('./types.js').Legend} LegendData */
/** @typedef {import('./types.js').LegendEntry} LegendEntry */

/**
 * Stays the same for a class while codes and counts change.
 * @param {LegendEntry} entry
 */
function keyOf(entry) {
  return `${entry.kind}:${entry.kind === 'class' ? entry.label : ''}`;
}

export class Legend {
  /** @param {() => void} onChange called when classes were hidden or shown */
  constructor(onChange) {
    this.element = element('aside', { class: 'legend' });
    this.onChange = onChange;
    /** @type {LegendData} */
    this.data = { title: '', entries: [], scale: null };
    /** @type {Map<string, Set<string>>} hidden classes by the legend's title */
    this.hidden = new Map();
    /** 256 flags by code, kept as one array so that holders see changes. */
    this.flags = new Uint8Array(256);
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.drawn = '';
  }

  /**
   * @param {LegendData} data
   * @param {import('./types.js').Translate} t
   * @param {string} language
   */
  update(data, t, language) {
    this.data = data;
    this.element.setAttribute('aria-label', t('legend'));
    // A rerun that changes nothing keeps the scroll position and the keyboard focus.
    const content = JSON.stringify([data, language]);
    if (content !== this.drawn) this.render(t, language);
    this.drawn = content;
    this.refresh();
  }

  /**
   * @param {import('./types.js').Translate} t
   * @param {string} language
   */
  render(t, language) {
    const { title, entries, scale } = this.data;
    this.buttons = new Map(entries.map((entry) => [keyOf(entry), this.entryButton(entry, t, language)]));
    const list = element('div', { class: 'entries' }, ...this.buttons.values());
    const heading = element('div', { class: 'legend-title' }, title);
    heading.hidden = !title;
    this.element.replaceChildren(heading, ...(scale ? [scaleBar(scale, language)] : []), list);
    this.element.hidden = !entries.length && !scale;
  }

  /**
   * @param {LegendEntry} entry
   * @param {import('./types.js').Translate} t
   * @param {string} language
   */
  entryButton(entry, t, language) {
    const text = entry.kind === 'class' ? entry.label : t(`legend_${entry.kind}`);
    const key = keyOf(entry);
    const node = element('button', { type: 'button', title: `${text}\n${t('legend_help')}` });
    node.append(
      swatch(entry.colour),
      element('div', { class: 'name' }, text),
      element('div', { class: 'number' }, entry.count.toLocaleString(language)),
    );
    node.addEventListener('click', (event) => (event.shiftKey ? this.isolate(key) : this.toggle(key)));
    node.addEventListener('dblclick', () => this.isolate(key));
    return node;
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
    this.onChange();
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
    this.onChange();
  }

  /** Bring flags and buttons in line with the hidden classes. */
  refresh() {
    const keys = this.hiddenKeys();
    this.flags.fill(0);
    for (const entry of this.data.entries) {
      const hidden = keys.has(keyOf(entry));
      this.flags[entry.code] = Number(hidden);
      this.buttons.get(keyOf(entry))?.setAttribute('aria-pressed', String(!hidden));
    }
  }
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
function scaleBar({ low, high, unit, colours }, language) {
  const bar = element('div', { class: 'bar' });
  bar.style.background = `linear-gradient(to right, ${colours.join(', ')})`;
  const ends = [scaleNumber(low, language), unit, scaleNumber(high, language)];
  const labels = element('div', { class: 'ends' }, ...ends.map((end) => element('div', {}, end)));
  return element('div', { class: 'scale' }, bar, labels);
}
