import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Folding, lengths } from '../../../components/facets/model.js';

/**
 * @param {string} field
 * @param {number[]} counts
 * @param {number} [rest]
 */
const group = (field, counts, rest = 0) => ({
  field, label: field, rest,
  values: counts.map((count, n) => ({ value: `${n}`, label: `${n}`, count, added: false })),
});

test('the first groups that tell something apart are open', () => {
  const groups = ['a', 'b', 'c', 'd'].map((field) => group(field, [3, 1]));
  groups.splice(1, 0, group('single', [4]));
  assert.deepEqual([...new Folding().open(groups)], ['a', 'b', 'c']);
});

test('what someone opened or closed stays so', () => {
  const groups = ['a', 'b', 'c', 'd'].map((field) => group(field, [3, 1]));
  const folding = new Folding();
  folding.chosen.set('d', true).set('a', false);
  assert.deepEqual([...folding.open(groups)], ['b', 'c', 'd']);
});

test('few values show at first, and those that were added', () => {
  const many = group('a', [9, 8, 7, 6, 5, 4, 3, 2]);
  many.values[7].added = true;
  const folding = new Folding();
  assert.deepEqual(folding.shown(many).map(({ count }) => count), [9, 8, 7, 6, 5, 4, 2]);
  folding.whole.add('a');
  assert.equal(folding.shown(many).length, 8);
});

test('bars are shares of the longest', () => {
  assert.deepEqual(lengths(group('a', [4, 1])), [1, 0.25]);
  assert.deepEqual(lengths(group('a', [])), []);
});
