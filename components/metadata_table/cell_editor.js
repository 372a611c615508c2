// The field that lies over a cell while it is written.

import { element } from '../shared/dom.js';

/** @typedef {import('./view.js').Column} Column */
/** @typedef {(text: string | null, step: {row: number, column: number}) => void} Answer */

const STAY = { row: 0, column: 0 };

export class CellEditor {
  constructor() {
    this.root = element('div', { class: 'editor' });
    this.root.hidden = true;
    /** @type {HTMLInputElement | HTMLSelectElement | null} */
    this.field = null;
    /** @type {Answer | null} */
    this.answer = null;
    this.root.addEventListener('keydown', (event) => this.#key(event));
  }

  get isOpen() {
    return this.answer !== null;
  }

  /**
   * @param {HTMLElement} cell
   * @param {Column} column
   * @param {string} text
   * @param {Record<string, string>} texts
   * @param {Answer} answer gets the text, or null where nothing is to change, and where to go on
   */
  open(cell, column, text, texts, answer) {
    this.settle();
    this.answer = answer;
    this.field = this.#fieldFor(column, text, texts);
    this.field.setAttribute('aria-label', column.title);
    this.root.replaceChildren(this.field);
    this.root.hidden = false;
    const { style } = this.root;
    style.left = `${cell.offsetLeft}px`;
    style.top = `${cell.offsetTop}px`;
    style.width = `${cell.offsetWidth}px`;
    style.height = `${cell.offsetHeight}px`;
    this.field.addEventListener('blur', () => this.settle());
    this.field.focus({ preventScroll: true });
  }

  /**
   * @param {Column} column
   * @param {string} text
   * @param {Record<string, string>} texts
   */
  #fieldFor(column, text, texts) {
    const choices = column.kind === 'boolean' ? ['yes', 'no'] : column.choices;
    const typed = text.toLowerCase();
    const begun = choices.find((choice) => choice.toLowerCase().startsWith(typed));
    // What does not begin like a choice is typed on, and refused with what there is to choose.
    if (choices.length && (!text || begun)) {
      const offered = ['', ...choices];
      const select = element('select', {}, ...offered.map((choice) => (
        element('option', { value: choice }, choice || texts.no_value)
      )));
      select.value = text ? begun ?? '' : '';
      return select;
    }
    const field = element('input', {
      type: 'text', autocomplete: 'off', spellcheck: 'false', maxlength: '2000',
      placeholder: column.kind === 'date' ? '2024-12-31' : '',
    });
    field.value = text;
    return field;
  }

  /** Take what stands there. */
  settle() {
    this.#close(this.field?.value ?? null, STAY);
  }

  /** Leave the cell as it was. */
  cancel() {
    this.#close(null, STAY);
  }

  /**
   * @param {string | null} text
   * @param {{row: number, column: number}} step
   */
  #close(text, step) {
    const { answer } = this;
    if (!answer) return;
    this.answer = null;
    this.root.hidden = true;
    answer(text, step);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    /** @type {Record<string, {row: number, column: number}>} */
    const steps = {
      Enter: { row: event.shiftKey ? -1 : 1, column: 0 },
      Tab: { row: 0, column: event.shiftKey ? -1 : 1 },
    };
    if (event.key === 'Escape') this.cancel();
    else if (steps[event.key]) this.#close(this.field?.value ?? null, steps[event.key]);
    else return;
    event.preventDefault();
  }
}
