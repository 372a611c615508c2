// The table: rows of one page, a chosen block of cells, and a field over the cell that is written.

import { button, element, fill } from '../shared/dom.js';
import { Block } from './block.js';
import { CellEditor } from './cell_editor.js';
import { EditBook, formatCells, parseCells, spread } from './edits.js';

/**
 * @typedef {{name: string, title: string, kind: string, unit: string, choices: string[],
 *   editable: boolean, sortable: boolean}} Column
 * @typedef {{id: number, values: string[]}} Row
 * @typedef {{id: number, field: string, row: string, message: string}} Problem
 */
/**
 * What Python sends; see `metadata_table` in __init__.py.
 * @typedef {{
 *   view: string, columns: Column[], rows: Row[], page: number, pages: number, first: number,
 *   total: number, sort: {column: string, descending: boolean} | null,
 *   answer: {token: string, saved: boolean, problems: Problem[]} | null,
 *   thumbnails: string, view_height: number, texts: Record<string, string>, language: string,
 * }} TableData
 */
/** @typedef {import('../shared/mount.js').Component<TableData>} TableComponent */
/** @typedef {import('./block.js').Place} Place */

const JUMP = 20; // rows that Page Up and Page Down move

export class TableView {
  /** @param {TableComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.book = new EditBook();
    /** @type {{token: string, cells: [number, string, string, string][]} | null} */
    this.saving = null;
    this.answered = '';
    /** @type {Problem[]} */
    this.problems = [];
    this.block = new Block();
    this.look = '';
    this.note = '';
    this.head = element('thead');
    this.body = element('tbody');
    this.grid = element('table', { role: 'grid', tabindex: '0' }, this.head, this.body);
    this.editor = new CellEditor();
    this.scroller = element('div', { class: 'scroller' }, this.grid, this.editor.root);
    this.bar = element('div', { class: 'bar small-buttons' });
    this.said = element('div', { class: 'said', role: 'status' });
    this.root = element('div', { class: 'table' }, this.bar, this.said, this.scroller);
    this.#listen();
  }

  /** @param {TableComponent} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    this.root.style.height = `${this.data.view_height}px`;
    this.#heard();
    const look = JSON.stringify([this.data.rows, this.data.columns, this.data.sort, this.data.texts]);
    if (look !== this.look) {
      this.look = look;
      this.editor.cancel();
      this.#build();
    }
    this.#refresh();
  }

  busy() {
    return this.book.size > 0;
  }

  #heard() {
    const { answer } = this.data;
    if (!answer || answer.token !== this.saving?.token || answer.token === this.answered) return;
    this.answered = answer.token;
    if (answer.saved) this.book.drop(this.saving.cells);
    this.problems = answer.problems;
    const { columns, rows } = this.data;
    for (const { id, field } of answer.problems) {
      const place = columns.findIndex(({ name }) => name === field);
      const row = rows.find((one) => one.id === id);
      if (row && place >= 0) this.book.told(id, field, row.values[place]);
    }
    this.note = answer.saved ? this.data.texts.saved : '';
    this.saving = null;
  }

  #build() {
    const { columns, rows, sort, thumbnails, texts } = this.data;
    const titles = columns.map((column) => {
      const direction = sort?.column === column.name ? (sort.descending ? 'descending' : 'ascending') : 'none';
      const unit = column.unit ? element('span', { class: 'unit' }, column.unit) : '';
      const title = column.sortable
        ? button(column.title, () => this.#sort(column.name), { title: texts.sort })
        : element('span', {}, column.title);
      return element('th', { scope: 'col', 'aria-sort': direction, class: column.kind }, title, unit);
    });
    this.head.replaceChildren(element('tr', {}, element('th', { class: 'picture' }), ...titles));
    this.body.replaceChildren(...rows.map((row, number) => {
      const open = button('', () => this.#send({ kind: 'open', id: row.id }), {
        'aria-label': fill(texts.open, { name: row.values[0] }), tabindex: '-1',
      });
      const address = thumbnails.replace('{id}', String(row.id));
      open.append(element('img', { src: address, alt: '', loading: 'lazy', decoding: 'async' }));
      const cells = columns.map((column, place) => element('td', {
        'data-row': String(number), 'data-column': String(place), role: 'gridcell',
        class: column.editable ? column.kind : `${column.kind} fixed`,
      }));
      return element('tr', {}, element('td', { class: 'picture' }, open), ...cells);
    }));
    this.block.resize(rows.length, columns.length);
  }

  /** Texts, marks and the bar above: everything that a change of cells may alter. */
  #refresh() {
    const { columns, rows } = this.data;
    const wrong = new Map(this.problems.map((problem) => (
      [`${problem.id}:${problem.field}`, problem.message]
    )));
    const { block } = this;
    const { focus } = block;
    for (const [number, row] of rows.entries()) {
      const cells = /** @type {HTMLTableRowElement} */ (this.body.children[number]).cells;
      for (const [place, column] of columns.entries()) {
        const cell = cells[place + 1];
        const text = this.#text(number, place);
        if (cell.textContent !== text) cell.textContent = text;
        const message = wrong.get(`${row.id}:${column.name}`);
        cell.classList.toggle('changed', this.book.has(row.id, column.name));
        cell.classList.toggle('wrong', message !== undefined);
        cell.classList.toggle('active', number === focus.row && place === focus.column);
        cell.classList.toggle('chosen', block.holds(number, place));
        cell.title = message ?? text;
      }
    }
    this.#sayProblems();
    this.#buildBar();
  }

  /** @param {number} row @param {number} column */
  #text(row, column) {
    const { rows, columns } = this.data;
    return this.book.text(rows[row].id, columns[column].name, rows[row].values[column]);
  }

  #sayProblems() {
    const lines = this.problems.slice(0, 5).map(({ row, message }) => (
      element('div', {}, `${row} · ${message}`)
    ));
    const more = this.problems.length - lines.length;
    if (more > 0) lines.push(element('div', {}, fill(this.data.texts.more_problems, { n: more })));
    if (!lines.length && this.note) lines.push(element('div', {}, this.note));
    this.said.classList.toggle('refused', this.problems.length > 0);
    this.said.replaceChildren(...lines);
  }

  #buildBar() {
    const { texts, page, pages, first, rows, total, language } = this.data;
    const numbers = new Intl.NumberFormat(language);
    const shown = fill(texts.rows, {
      first: numbers.format(Math.min(first + 1, total)), last: numbers.format(first + rows.length),
      total: numbers.format(total),
    });
    const turn = (/** @type {number} */ to) => () => this.#send({ kind: 'page', page: to });
    const before = button('‹', turn(page - 1), { 'aria-label': texts.previous, title: texts.previous });
    const after = button('›', turn(page + 1), { 'aria-label': texts.next, title: texts.next });
    before.disabled = page === 0;
    after.disabled = page + 1 >= pages;
    const save = button(fill(texts.save, { n: numbers.format(this.book.size) }), () => this.save(), {
      class: 'save', title: texts.save_hint,
    });
    const discard = button(texts.discard, () => this.#discard());
    save.disabled = this.book.size === 0 || this.saving !== null;
    discard.disabled = save.disabled;
    const focused = /** @type {ShadowRoot | Document} */ (this.root.getRootNode()).activeElement;
    const held = [...this.bar.children].indexOf(/** @type {Element} */ (focused));
    const parts = [before, element('span', { class: 'range' }, shown), after, save, discard,
      element('span', { class: 'hint' }, texts.hint)];
    this.bar.replaceChildren(...parts);
    if (held >= 0) parts[held].focus();
  }

  // Changes

  /** Send what is not saved. */
  save() {
    this.editor.settle();
    if (!this.book.size || this.saving) return;
    const token = Array.from(crypto.getRandomValues(new Uint32Array(3)), String).join('-');
    this.saving = { token, cells: this.book.list() };
    this.#send({ kind: 'save', token, cells: this.saving.cells });
    this.#refresh();
  }

  #discard() {
    this.editor.cancel();
    this.book.clear();
    this.problems = [];
    this.note = '';
    this.#refresh();
    this.grid.focus({ preventScroll: true });
  }

  /**
   * @param {Place} place
   * @param {string} text
   * @returns {boolean} whether it can be written there
   */
  #write({ row, column }, text) {
    const { rows, columns } = this.data;
    if (!columns[column].editable) return false;
    const { id, values } = rows[row];
    const { name } = columns[column];
    this.book.write(id, name, text, values[column]);
    this.problems = this.problems.filter((one) => one.id !== id || one.field !== name);
    this.note = '';
    return true;
  }

  /** @param {string} text from the clipboard */
  #paste(text) {
    const { top, left, bottom, right } = this.block;
    const { rows, columns } = this.data;
    const chosen = { rows: bottom - top + 1, columns: right - left + 1 };
    const room = { rows: rows.length - top, columns: columns.length - left };
    const { cells, left: beyond } = spread(parseCells(text), chosen, room);
    for (const cell of cells) this.#write({ row: top + cell.row, column: left + cell.column }, cell.text);
    const low = Math.max(0, ...cells.map(({ row }) => row));
    const wide = Math.max(0, ...cells.map(({ column }) => column));
    this.block.span({ row: top, column: left }, { row: top + low, column: left + wide });
    if (beyond) this.note = fill(this.data.texts.beyond, { n: beyond });
    this.#refresh();
  }

  #empty() {
    const { top, left, bottom, right } = this.block;
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) this.#write({ row, column }, '');
    }
    this.#refresh();
  }

  /** @param {string} [typed] replaces what stands there */
  #edit(typed) {
    const { row, column } = this.block.focus;
    const cell = this.#cell(this.block.focus);
    const field = this.data.columns[column];
    if (!cell || !field.editable) return;
    this.editor.open(cell, field, typed ?? this.#text(row, column), this.data.texts, (text, step) => {
      if (text !== null) this.#write({ row, column }, text.trim());
      this.#go(step.row, step.column);
      this.grid.focus({ preventScroll: true });
    });
  }

  // Choosing cells

  /** @param {Place} place */
  #cell({ row, column }) {
    const line = /** @type {HTMLTableRowElement | undefined} */ (this.body.children[row]);
    return line?.cells[column + 1];
  }

  /**
   * @param {number} down
   * @param {number} right
   * @param {boolean} [extends_] the block grows
   */
  #go(down, right, extends_ = false) {
    const { focus } = this.block;
    this.block.go({ row: focus.row + down, column: focus.column + right }, extends_);
    this.#refresh();
    this.#cell(this.block.focus)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #copy() {
    const { top, left, bottom, right } = this.block;
    const rows = [];
    for (let row = top; row <= bottom; row += 1) {
      const line = [];
      for (let column = left; column <= right; column += 1) line.push(this.#text(row, column));
      rows.push(line);
    }
    return formatCells(rows);
  }

  // Events

  #listen() {
    this.body.addEventListener('pointerdown', (event) => this.#pressed(event));
    this.body.addEventListener('pointerover', (event) => {
      const place = event.buttons === 1 && !this.editor.isOpen ? this.#placeOf(event) : null;
      if (!place || event.pointerType === 'touch') return;
      this.block.go(place, true);
      this.#refresh();
    });
    this.body.addEventListener('dblclick', (event) => {
      if (this.#placeOf(event)) this.#edit();
    });
    this.grid.addEventListener('keydown', (event) => this.#key(event));
    for (const name of /** @type {const} */ (['copy', 'cut', 'paste'])) {
      this.grid.addEventListener(name, (event) => this.#clipboard(name, event));
    }
  }

  /** @param {Event} event */
  #placeOf(event) {
    const cell = /** @type {Element} */ (event.target).closest('td[data-row]');
    if (!(cell instanceof HTMLElement)) return null;
    return { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    const place = this.#placeOf(event);
    if (!place || event.button !== 0) return;
    this.editor.settle();
    this.block.go(place, event.shiftKey);
    event.preventDefault();
    this.grid.focus({ preventScroll: true });
    this.#refresh();
  }

  /**
   * @param {'copy' | 'cut' | 'paste'} name
   * @param {ClipboardEvent} event
   */
  #clipboard(name, event) {
    event.preventDefault();
    if (name === 'paste') {
      this.#paste(event.clipboardData?.getData('text/plain') ?? '');
      return;
    }
    event.clipboardData?.setData('text/plain', this.#copy());
    if (name === 'cut') this.#empty();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 's') this.save();
    else if (command || event.altKey || event.isComposing) return;
    else if (event.key.length === 1) this.#edit(event.key);
    else if (!this.#move(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  #move({ key, shiftKey }) {
    const width = this.data.columns.length;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowUp: () => this.#go(-1, 0, shiftKey),
      ArrowDown: () => this.#go(1, 0, shiftKey),
      ArrowLeft: () => this.#go(0, -1, shiftKey),
      ArrowRight: () => this.#go(0, 1, shiftKey),
      PageUp: () => this.#go(-JUMP, 0, shiftKey),
      PageDown: () => this.#go(JUMP, 0, shiftKey),
      Home: () => this.#go(0, -width, shiftKey),
      End: () => this.#go(0, width, shiftKey),
      Enter: () => this.#edit(),
      F2: () => this.#edit(),
      Delete: () => this.#empty(),
      Backspace: () => this.#empty(),
    };
    actions[key]?.();
    return key in actions;
  }

  /** @param {string} column */
  #sort(column) {
    const { sort } = this.data;
    const descending = sort?.column === column && !sort.descending;
    this.#send({ kind: 'sort', column, descending });
  }

  /** @param {Record<string, unknown>} event */
  #send(event) {
    this.editor.settle();
    this.component.setTriggerValue('event', event);
  }
}
