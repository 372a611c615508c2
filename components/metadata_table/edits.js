// What was changed in a table and is not saved yet, and the text that spreadsheets exchange.

/** @typedef {{id: number, field: string, text: string, seen: string}} Edit */

/** Unsaved cells by image and field; those of rows on other pages too. */
export class EditBook {
  constructor() {
    /** @type {Map<string, Edit>} */
    this.edits = new Map();
  }

  get size() {
    return this.edits.size;
  }

  /**
   * What a cell shows.
   * @param {number} id
   * @param {string} field
   * @param {string} stored what Python has
   */
  text(id, field, stored) {
    return this.edits.get(key(id, field))?.text ?? stored;
  }

  /**
   * @param {number} id
   * @param {string} field
   */
  has(id, field) {
    return this.edits.has(key(id, field));
  }

  /**
   * @param {number} id
   * @param {string} field
   * @param {string} text what is written
   * @param {string} stored what Python has, which counts as seen if nothing was written before
   */
  write(id, field, text, stored) {
    const name = key(id, field);
    const seen = this.edits.get(name)?.seen ?? stored;
    if (text === seen && seen === stored) this.edits.delete(name);
    else this.edits.set(name, { id, field, text, seen });
  }

  /** @returns {[number, string, string, string][]} for Python */
  list() {
    return Array.from(this.edits.values(), ({ id, field, text, seen }) => [id, field, text, seen]);
  }

  /**
   * These are saved; what was written over them since stays.
   * @param {[number, string, string, string][]} saved
   */
  drop(saved) {
    for (const [id, field, text] of saved) {
      const edit = this.edits.get(key(id, field));
      if (edit?.text === text) this.edits.delete(key(id, field));
      else if (edit) edit.seen = text;
    }
  }

  /**
   * The person was told what stands there now; writing over it is meant from here on.
   * @param {number} id
   * @param {string} field
   * @param {string} stored
   */
  told(id, field, stored) {
    const edit = this.edits.get(key(id, field));
    if (edit) edit.seen = stored;
  }

  clear() {
    this.edits.clear();
  }
}

/**
 * @param {number} id
 * @param {string} field
 */
function key(id, field) {
  return `${id}:${field}`;
}

/**
 * Rows of cells that a spreadsheet put into the clipboard: tabs between cells, a cell with tabs,
 * quotes or line breaks in quotes.
 * @param {string} text
 * @returns {string[][]}
 */
export function parseCells(text) {
  /** @type {string[][]} */
  const rows = [[]];
  let at = 0;
  while (at <= text.length) {
    const [cell, end] = readCell(text, at);
    rows[rows.length - 1].push(cell);
    const mark = text[end];
    at = end + 1;
    if (mark === '\n') rows.push([]);
  }
  // A spreadsheet ends its last row too.
  const last = rows[rows.length - 1];
  if (rows.length > 1 && last.length === 1 && last[0] === '') rows.pop();
  return rows;
}

/**
 * @param {string} text
 * @param {number} start
 * @returns {[string, number]} a cell, and where it ends
 */
function readCell(text, start) {
  const quoted = text[start] === '"' ? /"((?:[^"]|"")*)"(?=[\t\n\r]|$)/y : null;
  if (quoted) {
    quoted.lastIndex = start;
    const found = quoted.exec(text);
    if (found) {
      const end = quoted.lastIndex + (text[quoted.lastIndex] === '\r' ? 1 : 0);
      return [found[1].replaceAll('""', '"'), end];
    }
  }
  const rest = text.slice(start).search(/[\t\n]/);
  const end = rest < 0 ? text.length : start + rest;
  return [text.slice(start, end).replace(/\r$/, ''), end];
}

/**
 * Inverse of `parseCells`.
 * @param {string[][]} rows
 */
export function formatCells(rows) {
  const cell = (/** @type {string} */ text) => (
    /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  );
  return rows.map((row) => row.map(cell).join('\t')).join('\n');
}

/**
 * Where pasted cells go. One value fills the chosen cells; a block is repeated over them where it
 * fits into them several times.
 * @param {string[][]} pasted
 * @param {{rows: number, columns: number}} chosen how many cells are chosen
 * @param {{rows: number, columns: number}} room cells from the first chosen one to the table's end
 * @returns {{cells: {row: number, column: number, text: string}[], left: number}}
 * places from the first chosen cell; how many rows found no room
 */
export function spread(pasted, chosen, room) {
  const width = Math.max(...pasted.map((row) => row.length));
  const times = (/** @type {number} */ all, /** @type {number} */ part) => (
    all % part === 0 ? all : part
  );
  const rows = times(chosen.rows, pasted.length);
  const columns = times(chosen.columns, width);
  const cells = [];
  for (let row = 0; row < Math.min(rows, room.rows); row += 1) {
    const from = pasted[row % pasted.length];
    for (let column = 0; column < Math.min(columns, room.columns); column += 1) {
      const text = from[column % width];
      if (text !== undefined) cells.push({ row, column, text: text.trim() });
    }
  }
  return { cells, left: Math.max(0, rows - room.rows) };
}
