// The list of what the text can be completed to, in the page's top layer.

import { element, fill } from '../shared/dom.js';

/** @typedef {import('./completion.js').Completion} Completion */

const GAP = 4;
const LEAST_HEIGHT = 140;
const MOST_HEIGHT = 340;

export class OptionList {
  /** @param {(index: number) => void} take */
  constructor(take) {
    this.options = element('div', { id: 'options', role: 'listbox' });
    this.error = element('div', { class: 'said', role: 'status' });
    this.hint = element('div', { class: 'keys' });
    this.root = element('div', { class: 'list', popover: 'manual' }, this.options, this.error, this.hint);
    // The text keeps the focus.
    this.root.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const option = /** @type {Element} */ (event.target).closest('.option');
      if (option instanceof HTMLElement && event.button === 0) take(Number(option.dataset.index));
    });
  }

  /** @param {string} text what is wrong with the query; empty: nothing */
  say(text) {
    this.error.textContent = text;
    this.error.hidden = text === '';
  }

  /**
   * @param {Completion} completion
   * @param {Record<string, string>} texts
   * @param {Intl.NumberFormat} numbers
   */
  show(completion, texts, numbers) {
    this.options.setAttribute('aria-label', texts.options);
    this.hint.textContent = texts.keys;
    const rows = completion.options.map((option, index) => {
      const active = index === completion.active;
      const count = option.count === null ? '' : numbers.format(option.count);
      const said = option.count === null ? '' : fill(texts.images, { n: count });
      return element(
        'div',
        {
          id: `option-${index}`, class: `option ${option.kind}`, role: 'option',
          'data-index': String(index), 'aria-selected': String(active),
        },
        element('span', { class: 'label' }, option.label),
        element('span', { class: 'count', title: said }, count),
      );
    });
    this.options.replaceChildren(...rows);
    const shown = this.root.matches(':popover-open');
    if (completion.open && !shown && this.root.isConnected) this.root.showPopover();
    if (!completion.open && shown) this.root.hidePopover();
    rows[completion.active]?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {DOMRect} box what the list hangs on */
  place(box) {
    const below = window.innerHeight - box.bottom - 2 * GAP;
    const above = box.top - 2 * GAP;
    const down = below >= LEAST_HEIGHT || below >= above;
    const { style } = this.root;
    style.left = `${box.left}px`;
    style.width = `${Math.min(box.width, 560)}px`;
    style.maxHeight = `${Math.min(MOST_HEIGHT, Math.max(down ? below : above, 80))}px`;
    style.top = down ? `${box.bottom + GAP}px` : 'auto';
    style.bottom = down ? 'auto' : `${window.innerHeight - box.top + GAP}px`;
  }
}
