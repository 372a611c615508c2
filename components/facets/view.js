// What the result consists of: values with their number of images, to add or exclude with a click.

import { button, element, fill } from '../shared/dom.js';
import { Folding, hasBelow, lengths } from './model.js';

/** @typedef {import('./model.js').Group} Group */

/**
 * What Python sends; see `facets` in __init__.py.
 * @typedef {{
 *   view: string, groups: Group[], active: string[], texts: Record<string, string>,
 *   language: string, asked: string,
 * }} FacetsData
 */
/** @typedef {import('../shared/mount.js').Component<FacetsData>} FacetsComponent */

export class FacetsView {
  /** @param {FacetsComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.folding = new Folding();
    this.sequence = 0;
    this.root = element('div', { class: 'facets' });
  }

  /** @param {FacetsComponent} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    this.#draw();
  }

  #draw() {
    const focused = this.#focusedName();
    const { data } = this;
    const open = this.folding.open(data.groups);
    const numbers = new Intl.NumberFormat(data.language);
    this.root.replaceChildren(
      ...this.#activeChips(),
      ...data.groups.map((group) => this.#group(group, open.has(group.field), numbers)),
    );
    // A new list must not take the focus from whoever goes through it by keyboard.
    const again = [...this.root.querySelectorAll('[data-name]')].find(
      (node) => focused && /** @type {HTMLElement} */ (node).dataset.name === focused,
    );
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }

  #focusedName() {
    const root = /** @type {ShadowRoot | Document} */ (this.root.getRootNode());
    const { activeElement } = root;
    const inside = activeElement instanceof HTMLElement && this.root.contains(activeElement);
    return inside ? activeElement.dataset.name : undefined;
  }

  #activeChips() {
    const { active, texts } = this.data;
    if (!active.length) return [];
    const chips = active.map((text, index) => {
      const said = fill(texts.remove, { condition: text });
      const label = element('span', { class: 'text' }, text);
      const remove = button('×', () => this.#send({ kind: 'remove', index }), {
        title: said, 'aria-label': said, 'data-name': `remove ${index}`,
      });
      return element('span', { class: 'chip', title: text }, label, remove);
    });
    return [element('div', { class: 'active', role: 'group', 'aria-label': texts.active }, ...chips)];
  }

  /**
   * @param {Group} group
   * @param {boolean} open
   * @param {Intl.NumberFormat} numbers
   */
  #group(group, open, numbers) {
    const total = group.values.length + group.rest;
    const head = button('', () => this.#fold(group.field, !open), {
      class: 'head', 'aria-expanded': String(open), 'data-name': `head ${group.field}`,
    });
    head.append(
      element('span', { class: 'title' }, group.label),
      element('span', { class: 'number' }, numbers.format(total)),
    );
    const box = element('section', { 'data-field': group.field }, head);
    if (!open) return box;
    const shares = lengths(group);
    const shown = this.folding.shown(group);
    const isTree = group.values.some(({ depth }) => depth > 0);
    shown.forEach((value) => {
      const index = group.values.indexOf(value);
      const row = this.#row(group, value, shares[index], numbers);
      if (isTree) this.#indent(row, group, value, index);
      box.append(row);
    });
    const hidden = this.folding.unfolded(group).length + group.rest - shown.length;
    if (hidden || this.folding.whole.has(group.field)) box.append(this.#more(group, hidden, numbers));
    return box;
  }

  /**
   * @param {Group} group
   * @param {import('./model.js').Value} value
   * @param {number} share length of its bar
   * @param {Intl.NumberFormat} numbers
   */
  #row(group, { value, label, count, added }, share, numbers) {
    const { texts } = this.data;
    const { field } = group;
    const add = button('', () => this.#send({ kind: added ? 'take' : 'add', field, value }), {
      class: 'value', 'aria-pressed': String(added), 'data-name': `value ${field} ${value}`,
      title: fill(added ? texts.take : texts.add, { value: label }),
    });
    const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.width = `${Math.max(1, share * 100)}%`;
    add.append(
      bar, element('span', { class: 'label' }, label),
      element('span', { class: 'count' }, numbers.format(count)),
    );
    const said = fill(texts.exclude, { value: label });
    const exclude = button('−', () => this.#send({ kind: 'exclude', field, value }), {
      class: 'exclude', title: said, 'aria-label': said, 'data-name': `exclude ${field} ${value}`,
    });
    return element('div', { class: 'row' }, add, exclude);
  }

  /**
   * Put a value below its parent, with a switch where others stand below it.
   * @param {HTMLElement} row
   * @param {Group} group
   * @param {import('./model.js').Value} value
   * @param {number} index of the value in its group
   */
  #indent(row, group, value, index) {
    row.style.paddingLeft = `${value.depth * 14}px`;
    if (!hasBelow(group, index)) {
      row.prepend(element('span', { class: 'leaf' }));
      return;
    }
    const open = this.folding.isOpen(group, value);
    const said = fill(this.data.texts.below, { value: value.label });
    row.prepend(button('', () => {
      this.folding.turn(group, value);
      this.#draw();
    }, {
      class: 'level', 'aria-expanded': String(open), 'aria-label': said, title: said,
      'data-name': `level ${group.field} ${value.value}`,
    }));
  }

  /**
   * @param {Group} group
   * @param {number} hidden
   * @param {Intl.NumberFormat} numbers
   */
  #more(group, hidden, numbers) {
    const { texts } = this.data;
    const { whole } = this.folding;
    const all = whole.has(group.field);
    if (all && group.rest) {
      const text = fill(texts.rarer, { n: numbers.format(group.rest) });
      return element('div', { class: 'rest' }, text);
    }
    const text = all ? texts.fewer : fill(texts.more, { n: numbers.format(hidden) });
    return button(text, () => {
      if (all) whole.delete(group.field);
      else whole.add(group.field);
      this.#draw();
    }, { class: 'more', 'data-name': `more ${group.field}` });
  }

  /** @param {string} field @param {boolean} open */
  #fold(field, open) {
    this.folding.chosen.set(field, open);
    this.#draw();
  }

  /** @param {Record<string, string | number>} act */
  #send(act) {
    this.sequence += 1;
    // The query that was in force says what the click was about.
    this.component.setTriggerValue('event', {
      ...act, asked: this.data.asked, sequence: this.sequence,
    });
  }
}
