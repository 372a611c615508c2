import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Block } from '../../../components/metadata_table/block.js';

function block(rows, columns) {
  const made = new Block();
  made.resize(rows, columns);
  return made;
}

test('a block spans from its anchor to the focus, whichever comes first', () => {
  const chosen = block(5, 4);
  chosen.go({ row: 3, column: 2 }, false);
  chosen.go({ row: 1, column: 3 }, true);
  const { top, bottom, left, right } = chosen;
  assert.deepEqual([top, bottom, left, right], [1, 3, 2, 3]);
  assert.ok(chosen.holds(2, 2) && chosen.holds(1, 3));
  assert.ok(!chosen.holds(0, 2) && !chosen.holds(2, 1));
  chosen.go({ row: 0, column: 0 }, false);
  assert.deepEqual([chosen.top, chosen.bottom, chosen.right], [0, 0, 0]);
});

test('it stays within the table, also when that becomes smaller or empty', () => {
  const chosen = block(5, 4);
  chosen.go({ row: 9, column: -3 }, false);
  assert.deepEqual(chosen.focus, { row: 4, column: 0 });
  chosen.span({ row: 0, column: 0 }, { row: 4, column: 3 });
  chosen.resize(2, 2);
  assert.deepEqual(chosen.focus, { row: 1, column: 1 });
  chosen.resize(0, 0);
  assert.deepEqual([chosen.anchor, chosen.focus], [{ row: 0, column: 0 }, { row: 0, column: 0 }]);
});
