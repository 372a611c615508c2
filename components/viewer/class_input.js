// The field that names a box: what is typed is completed from the project's classes.

import { element } from '../shared/dom.js';
import { labelColours } from './boxes.js';

const MOST = 50;
const GAP = 4;
// As many as a name may have; see core/curation/names.py.
const LONGEST = '100';

/**
 * Classes that go on as typed, then those that hold it elsewhere; case counts for nothing.
 * @param {string[]} classes
 * @param {string} typed
 * @returns {string[]}
 */
export function matching(classes, typed) {
  const wanted = typed.trim().normalize('NFC').toLowerCase();
  const place = (/** @type {string} */ name) => name.toLowerCase().indexOf(wanted);
  const starting = classes.filter((name) => place(name) === 0);
  return [...starting, ...classes.filter((name) => place(name) > 0)].slice(0, MOST);
}

export class ClassInput {
  constructor() {
    this.field = element('input', {
      type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'classes',
      autocomplete: 'off', spellcheck: 'false', maxlength: LONGEST,
    });
    this.list = element('div', { id: 'classes', role: 'listbox' });
    this.root = element('div', { class: 'class-input' }, this.field, this.list);
    this.root.hidden = true;
    /** @type {string[]} */
    this.classes = [];
    /** @type {string[]} */
    this.offered = [];
    /** Which of the offered ones is chosen; -1: what is typed. */
    this.active = -1;
    /** @type {((label: string | null) => void) | null} */
    this.answer = null;
    this.#listen();
  }

  get open() {
    return this.answer !== null;
  }

  /**
   * Ask for a class; an earlier question is answered with what stands there.
   * @param {{classes: string[], label: string, name: string,
   *   answer: (label: string | null) => void}} question
   * `answer` gets null where nothing was chosen
   */
  ask({ classes, label, name, answer }) {
    this.settle();
    this.classes = classes;
    this.answer = answer;
    this.field.value = label;
    this.field.setAttribute('aria-label', name);
    this.field.placeholder = name;
    this.root.hidden = false;
    // What stands there is replaced by typing, so all classes are offered at first.
    this.#offer('');
    this.field.focus({ preventScroll: true });
    this.field.select();
  }

  /** Answer with what stands there. */
  settle() {
    this.#close(this.field.value.trim() || null);
  }

  /** Answer with nothing. */
  cancel() {
    this.#close(null);
  }

  /**
   * Beside a box, within the frame.
   * @param {import('./corners.js').Rectangle} box
   * @param {import('./transform.js').Size} frame
   */
  place(box, frame) {
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const right = box.x + box.width + GAP;
    const x = right + width <= frame.width ? right : box.x - width - GAP;
    const within = (/** @type {number} */ at, /** @type {number} */ room) => (
      Math.max(0, Math.min(at, room))
    );
    this.root.style.left = `${within(x, frame.width - width)}px`;
    this.root.style.top = `${within(box.y, frame.height - height)}px`;
  }

  /** @param {string | null} label */
  #close(label) {
    const { answer } = this;
    if (!answer) return;
    this.answer = null;
    this.root.hidden = true;
    answer(label);
  }

  /** @param {string} typed */
  #offer(typed) {
    this.offered = matching(this.classes, typed);
    this.active = -1;
    const rows = this.offered.map((label, index) => element(
      'div', { id: `class-${index}`, class: 'option', role: 'option', 'data-index': String(index) },
      element('span', { class: 'swatch', style: `background: ${labelColours(label)[0]}` }), label,
    ));
    this.list.replaceChildren(...rows);
    this.list.hidden = rows.length === 0;
    this.#activate(-1);
  }

  /** @param {number} index */
  #activate(index) {
    this.active = index;
    for (const [place, row] of [...this.list.children].entries()) {
      row.setAttribute('aria-selected', String(place === index));
    }
    if (index < 0) this.field.removeAttribute('aria-activedescendant');
    else this.field.setAttribute('aria-activedescendant', `class-${index}`);
    this.list.children[index]?.scrollIntoView({ block: 'nearest' });
  }

  #listen() {
    this.field.addEventListener('input', () => this.#offer(this.field.value));
    this.field.addEventListener('keydown', (event) => {
      // Neither the picture's shortcuts nor Streamlit's are meant.
      event.stopPropagation();
      if (event.isComposing) return;
      const act = this.#keyAction(event.key);
      if (!act) return;
      event.preventDefault();
      act();
    });
    for (const name of /** @type {const} */ (['wheel', 'pointerdown', 'dblclick'])) {
      this.root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.list.addEventListener('pointerdown', (event) => {
      const row = /** @type {Element} */ (event.target).closest('.option');
      event.preventDefault();
      if (row instanceof HTMLElement) this.#close(this.offered[Number(row.dataset.index)]);
    });
    this.field.addEventListener('blur', () => this.settle());
  }

  /**
   * @param {string} key
   * @returns {(() => void) | undefined}
   */
  #keyAction(key) {
    const step = (/** @type {number} */ by) => () => {
      const count = this.offered.length + 1;
      this.#activate(((this.active + 1 + by + count) % count) - 1);
    };
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowDown: step(1),
      ArrowUp: step(-1),
      Enter: () => (this.active < 0 ? this.settle() : this.#close(this.offered[this.active])),
      // As everywhere a completion is taken.
      Tab: () => (this.active < 0 ? this.settle() : this.#close(this.offered[this.active])),
      Escape: () => this.cancel(),
    };
    return actions[key];
  }
}
