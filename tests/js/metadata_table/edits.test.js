import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  EditBook, formatCells, parseCells, spread,
} from '../../../components/metadata_table/edits.js';

test('a spreadsheet\'s rows are read with all that a cell may hold', () => {
  assert.deepEqual(parseCells('a\tb\nc\td\n'), [['a', 'b'], ['c', 'd']]);
  assert.deepEqual(parseCells('a\r\nb\r\n'), [['a'], ['b']]);
  assert.deepEqual(parseCells('"two\nlines"\t"say ""x"""\n5'), [['two\nlines', 'say "x"'], ['5']]);
  assert.deepEqual(parseCells('5" pipe\t"x" y'), [['5" pipe', '"x" y']]);
  assert.deepEqual(parseCells('a\t\n\tb'), [['a', ''], ['', 'b']]);
  assert.deepEqual(parseCells(''), [['']]);
  assert.deepEqual(parseCells('\n\n'), [[''], ['']]);
});

test('what is copied is read as it was', () => {
  const rows = [['plain', 'a\tb', 'say "x"'], ['two\nlines', '', '흠집']];
  assert.deepEqual(parseCells(formatCells(rows)), rows);
});

const texts = ({ cells }) => cells.map(({ row, column, text }) => [row, column, text]);

test('a block goes from the first chosen cell on, as far as the table reaches', () => {
  const pasted = [['a', 'b'], ['c', 'd']];
  const one = { rows: 1, columns: 1 };
  const all = spread(pasted, one, { rows: 9, columns: 9 });
  assert.deepEqual(texts(all), [[0, 0, 'a'], [0, 1, 'b'], [1, 0, 'c'], [1, 1, 'd']]);
  const cut = spread(pasted, one, { rows: 1, columns: 1 });
  assert.deepEqual(texts(cut), [[0, 0, 'a']]);
  assert.equal(cut.left, 1);
});

test('one value fills the chosen cells, a block is repeated where it fits', () => {
  const room = { rows: 9, columns: 9 };
  const filled = spread([[' x ']], { rows: 2, columns: 2 }, room);
  assert.deepEqual(texts(filled).map(([, , text]) => text), ['x', 'x', 'x', 'x']);
  const repeated = spread([['a'], ['b']], { rows: 4, columns: 1 }, room);
  assert.deepEqual(texts(repeated).map(([, , text]) => text), ['a', 'b', 'a', 'b']);
  assert.equal(spread([['a'], ['b']], { rows: 3, columns: 1 }, room).cells.length, 2);
});

test('rows of different length leave the cells alone that they lack', () => {
  const cells = texts(spread([['a', 'b'], ['c']], { rows: 1, columns: 1 }, { rows: 9, columns: 9 }));
  assert.deepEqual(cells, [[0, 0, 'a'], [0, 1, 'b'], [1, 0, 'c']]);
});

test('a cell that is written back is no change', () => {
  const book = new EditBook();
  book.write(1, 'f', 'new', 'old');
  assert.equal(book.text(1, 'f', 'old'), 'new');
  assert.deepEqual(book.list(), [[1, 'f', 'new', 'old']]);
  book.write(1, 'f', 'old', 'old');
  assert.equal(book.size, 0);
});

test('what was seen stays when someone else changes the cell, until it is told', () => {
  const book = new EditBook();
  book.write(1, 'f', 'mine', 'old');
  book.write(1, 'f', 'mine too', 'theirs');
  assert.deepEqual(book.list(), [[1, 'f', 'mine too', 'old']]);
  // Back to the first text is a change now.
  book.write(1, 'f', 'old', 'theirs');
  assert.deepEqual(book.list(), [[1, 'f', 'old', 'old']]);
  book.told(1, 'f', 'theirs');
  assert.deepEqual(book.list(), [[1, 'f', 'old', 'theirs']]);
});

test('what was written over a cell while it was saved stays unsaved', () => {
  const book = new EditBook();
  book.write(1, 'f', 'a', '');
  book.write(2, 'f', 'b', '');
  const sent = book.list();
  book.write(2, 'f', 'c', '');
  book.drop(sent);
  assert.deepEqual(book.list(), [[2, 'f', 'c', 'b']]);
});
