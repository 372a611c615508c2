import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Folding, hasBelow, lengths } from '../../../components/facets/model.js';

/**
 * @param {string} field
 * @param {number[]} counts
 * @param {number} [rest]
 */
const group = (field, counts, rest = 0) => ({
  field, label: field, rest,
  values: counts.map((count, n) => ({ value: `${n}`, label: `${n}`, count, added: false, depth: 0 })),
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

/** a tree: a (b (c), d), e and five more */
const tree = () => {
  const names = ['a', 'b', 'c', 'd', 'e', '1', '2', '3', '4', '5'];
  const depths = [0, 1, 2, 1, 0, 0, 0, 0, 0, 0];
  const values = names.map((value, n) => ({
    value, label: value, count: 9 - n, added: false, depth: depths[n],
  }));
  return { field: 'tag', label: 'Tag', rest: 0, values };
};

test('of a large tree the top shows, and what someone opens', () => {
  const folding = new Folding();
  const names = () => folding.shown(tree()).map(({ value }) => value).join('');
  assert.equal(names(), 'ae1234');
  folding.turn(tree(), tree().values[0]);
  assert.equal(names(), 'abde12');
  folding.turn(tree(), tree().values[1]);
  assert.equal(names(), 'abcde1');
  folding.turn(tree(), tree().values[0]);
  assert.equal(names(), 'ae1234');
});

test('of a small tree everything shows until someone closes a part', () => {
  const small = { ...tree(), values: tree().values.slice(0, 5) };
  const folding = new Folding();
  assert.equal(folding.shown(small).length, 5);
  folding.turn(small, small.values[1]);
  assert.deepEqual(folding.shown(small).map(({ value }) => value), ['a', 'b', 'd', 'e']);
});

test('a value that was added shows below a closed one too', () => {
  const chosen = tree();
  chosen.values[2].added = true;
  const names = new Folding().shown(chosen).slice(0, 3).map(({ value }) => value);
  assert.deepEqual(names, ['a', 'c', 'e']);
  assert.deepEqual([0, 1, 2, 3].map((n) => hasBelow(chosen, n)), [true, true, false, false]);
});
