// The line above the grid: how many are selected, what to do about it, how large tiles are.

import { button, element, fill } from '../shared/dom.js';

/** @typedef {import('./layout.js').TileSize} TileSize */

/**
 * @typedef {{
 *   selectAll: () => void, selectNone: () => void, invert: () => void,
 *   resize: (size: TileSize) => void,
 * }} ToolbarActions
 */

export class Toolbar {
  /**
   * @param {Record<string, string>} texts
   * @param {Intl.NumberFormat} numbers
   * @param {ToolbarActions} actions
   */
  constructor(texts, numbers, actions) {
    this.texts = texts;
    this.numbers = numbers;
    this.count = element('span', { class: 'count', role: 'status' });
    this.all = button(texts.select_all, actions.selectAll, { title: texts.select_all_hint });
    this.none = button(texts.select_none, actions.selectNone, { title: texts.select_none_hint });
    this.invert = button(texts.invert, actions.invert);
    this.sizes = /** @type {TileSize[]} */ (['small', 'medium', 'large']).map((size) => button(
      texts[size], () => actions.resize(size), { title: texts[`${size}_hint`], 'data-size': size },
    ));
    const sizes = element('span', {
      class: 'sizes', role: 'group', 'aria-label': texts.tile_size,
    }, ...this.sizes);
    this.root = element(
      'div', { class: 'toolbar small-buttons' }, this.count,
      element('span', { class: 'actions' }, this.all, this.none, this.invert), sizes,
    );
  }

  /**
   * @param {number} selected
   * @param {number} total
   */
  showCount(selected, total) {
    const values = { k: this.numbers.format(selected), n: this.numbers.format(total) };
    this.count.textContent = fill(selected ? this.texts.selected : this.texts.total, values);
    this.none.disabled = !selected;
    this.all.disabled = selected === total;
    this.invert.disabled = !total;
  }

  /** @param {TileSize} size */
  showSize(size) {
    for (const node of this.sizes) {
      node.setAttribute('aria-pressed', String(node.dataset.size === size));
    }
  }
}
