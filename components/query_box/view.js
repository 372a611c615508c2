// The query's text field: coloured, completed while someone types, its error underlined in place.

import { button, element, fill } from '../shared/dom.js';
import { Asking } from './asking.js';
import { Completion, readOptions, written } from './completion.js';
import { OptionList } from './list.js';
import { codePoints, errorRange } from './places.js';
import { marked, tokens } from './tokens.js';

/** @typedef {import('./asking.js').Wrong} Wrong */

/**
 * What Python sends; see `query_box` in __init__.py.
 * @typedef {{
 *   view: string, text: string, version: number, error: Wrong | null, complete_url: string,
 *   tags_only: boolean, texts: Record<string, string>, language: string,
 * }} QueryBoxData
 */
/** @typedef {import('../shared/mount.js').Component<QueryBoxData>} QueryBoxComponent */

export class QueryBoxView {
  /** @param {QueryBoxComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.version = -1;
    this.sequence = 0;
    this.completion = new Completion();
    this.asking = new Asking((answer, question) => this.#answered(answer, question));
    this.paint = element('div', { class: 'paint', 'aria-hidden': 'true' });
    this.input = element('textarea', {
      rows: '1', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off',
      role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false',
      'aria-controls': 'options',
    });
    this.clearButton = button('×', () => this.#clear(), { class: 'clear' });
    this.goButton = button('⏎', () => this.#submit(), { class: 'go' });
    this.field = element('div', { class: 'field' }, this.paint, this.input);
    this.list = new OptionList((index) => this.#take(index));
    this.root = element(
      'div', { class: 'query-box' },
      element('div', { class: 'frame' }, this.field, this.clearButton, this.goButton),
      this.list.root,
    );
    /** What is wrong with the text as it stands. @type {Wrong | null} */
    this.wrong = null;
    this.observer = new ResizeObserver(() => this.#fit());
    this.#listen();
  }

  /** @param {QueryBoxComponent} component */
  update(component) {
    this.component = component;
    const { data } = component;
    const other = data.tags_only !== this.data.tags_only;
    this.data = data;
    const { texts } = data;
    this.input.setAttribute('aria-label', texts.label);
    this.input.placeholder = data.tags_only ? texts.placeholder_tags : texts.placeholder;
    this.clearButton.title = texts.clear;
    this.clearButton.setAttribute('aria-label', texts.clear);
    this.goButton.title = texts.go;
    this.goButton.setAttribute('aria-label', texts.go);
    // What someone types stays until the page itself brings another text.
    if (data.version !== this.version || other) {
      this.version = data.version;
      this.#close();
      this.input.value = data.text;
    }
    if (this.input.value === data.text) this.wrong = data.error;
    this.#draw();
  }

  attached() {
    this.observer.observe(this.field);
    this.#fit();
  }

  detached() {
    this.observer.disconnect();
    this.#close();
  }

  #listen() {
    const { input } = this;
    input.addEventListener('input', () => {
      if (/[\r\n]/.test(input.value)) input.value = input.value.replace(/\s*[\r\n]+\s*/g, ' ');
      this.wrong = null;
      this.#draw();
      this.#ask();
    });
    input.addEventListener('keydown', (event) => this.#pressed(event));
    input.addEventListener('click', () => this.#ask());
    input.addEventListener('blur', () => this.#close());
    input.addEventListener('keyup', (event) => {
      if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) this.#ask();
    });
    // The list hangs on the page's top layer and does not scroll along.
    window.addEventListener('resize', () => this.#close());
    document.addEventListener('scroll', () => this.#place(), { capture: true, passive: true });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // Streamlit has shortcuts of its own on the whole page.
    event.stopPropagation();
    // While a Korean syllable is put together, keys belong to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#handles(event.key, event)) event.preventDefault();
  }

  /**
   * @param {string} key
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was ours
   */
  #handles(key, { shiftKey, ctrlKey, metaKey, altKey }) {
    const { completion } = this;
    const plain = !shiftKey && !ctrlKey && !metaKey && !altKey;
    if (key === ' ' && ctrlKey) return this.#ask();
    if (key === 'Enter') {
      if (completion.open && completion.picked) return this.#take(completion.active);
      return this.#submit();
    }
    if (!plain) return false;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      if (!completion.open) return key === 'ArrowDown' && this.#ask();
      completion.move(key === 'ArrowDown' ? 1 : -1);
      this.#showList();
      return true;
    }
    if (key === 'Tab') return completion.open && this.#take(completion.active);
    return key === 'Escape' && completion.open && this.#close();
  }

  /** @returns {true} */
  #ask() {
    const { input, data } = this;
    this.asking.soon(data.complete_url, {
      text: input.value,
      cursor: codePoints(input.value, input.selectionStart),
      tags_only: data.tags_only,
      language: data.language,
    });
    return true;
  }

  /**
   * @param {import('./asking.js').Answer} answer
   * @param {import('./asking.js').Question} question
   */
  #answered(answer, question) {
    const { input } = this;
    const root = /** @type {ShadowRoot | Document} */ (this.root.getRootNode());
    if (question.text !== input.value || root.activeElement !== input) return;
    const { error } = answer;
    if (error) {
      const { end } = errorRange(input.value, error);
      // A term that is just being written is not wrong yet.
      this.wrong = /\s/.test(input.value.slice(end, input.selectionStart)) ? error : null;
    } else this.wrong = null;
    this.completion.offer(readOptions(answer.options, input.value));
    this.#draw();
    this.#showList();
  }

  #showList() {
    const { completion, input, data } = this;
    this.list.show(completion, data.texts, new Intl.NumberFormat(data.language));
    input.setAttribute('aria-expanded', String(completion.open));
    if (completion.open) input.setAttribute('aria-activedescendant', `option-${completion.active}`);
    else input.removeAttribute('aria-activedescendant');
    this.#place();
  }

  #place() {
    if (this.completion.open) this.list.place(this.root.getBoundingClientRect());
  }

  /** @returns {true} */
  #close() {
    this.asking.stop();
    if (this.completion.open) {
      this.completion.close();
      this.#showList();
    }
    return true;
  }

  /**
   * @param {number} index
   * @returns {boolean}
   */
  #take(index) {
    const option = this.completion.options[index];
    if (!option) return false;
    const { text, caret } = written(this.input.value, option);
    // An insertion, so that the field's own Ctrl+Z takes it back.
    this.input.setSelectionRange(0, this.input.value.length);
    if (!document.execCommand('insertText', false, text)) this.input.value = text;
    this.input.setSelectionRange(caret, caret);
    this.input.focus();
    this.completion.close();
    this.wrong = null;
    this.#draw();
    this.#ask();
    return true;
  }

  /** @returns {true} */
  #submit() {
    this.#close();
    this.sequence += 1;
    this.component.setTriggerValue('event', {
      text: this.input.value, sequence: this.sequence,
    });
    return true;
  }

  #clear() {
    this.input.value = '';
    this.wrong = null;
    this.#draw();
    this.input.focus();
    this.#submit();
  }

  #draw() {
    const { input, wrong, data } = this;
    const text = input.value;
    const range = wrong && errorRange(text, wrong);
    this.paint.replaceChildren(...marked(tokens(text), range).map((token) => {
      const classes = token.marked ? `t-${token.kind} wrong` : `t-${token.kind}`;
      return element('span', { class: classes }, token.text);
    }));
    const said = wrong ? fill(data.texts.wrong, wrong) : '';
    input.title = said;
    input.setAttribute('aria-invalid', String(wrong !== null));
    this.list.say(said);
    this.clearButton.hidden = text === '';
    this.root.classList.toggle('unsent', text !== data.text);
    this.#fit();
  }

  /** As high as its text, up to some lines. */
  #fit() {
    const { input } = this;
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight}px`;
  }
}
