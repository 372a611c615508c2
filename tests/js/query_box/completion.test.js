import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Completion, readOptions, written } from '../../../components/query_box/completion.js';

/** @param {Partial<import('../../../components/query_box/completion.js').Option>} [other] */
const option = (other = {}) => ({
  text: 'scratch', label: 'scratch', kind: /** @type {const} */ ('value'), count: 3,
  start: 4, end: 6, ...other,
});

test('a value takes the place of what was begun, and a space follows', () => {
  assert.deepEqual(written('tag:sc', option()), { text: 'tag:scratch ', caret: 12 });
});

test('inside a text the caret goes behind the space that is there', () => {
  assert.deepEqual(written('tag:sc AND x', option()), { text: 'tag:scratch AND x', caret: 12 });
  assert.deepEqual(written('(tag:sc)', option({ start: 5, end: 7 })), {
    text: '(tag:scratch)', caret: 12,
  });
});

test('behind a field its value follows at once', () => {
  const field = option({ kind: 'field', text: 'conf:', start: 0, end: 2 });
  assert.deepEqual(written('co', field), { text: 'conf:', caret: 5 });
});

test('places count characters, not halves of them', () => {
  // The fox is one character and two UTF-16 units.
  assert.deepEqual(written('🦊 sc', option({ start: 2, end: 4 })), {
    text: '🦊 scratch ', caret: 11,
  });
});

test('arrows go round, and only then does Enter mean the list', () => {
  const completion = new Completion();
  completion.offer([option(), option({ text: 'stain' })]);
  assert.equal(completion.picked, false);
  assert.equal(completion.chosen()?.text, 'scratch');
  completion.move(1);
  assert.deepEqual([completion.picked, completion.active], [true, 0]);
  completion.move(-1);
  assert.equal(completion.chosen()?.text, 'stain');
  completion.move(1);
  assert.equal(completion.active, 0);
  completion.close();
  assert.deepEqual([completion.open, completion.picked], [false, false]);
});

test('up enters the list from below', () => {
  const completion = new Completion();
  completion.offer([option(), option({ text: 'stain' })]);
  completion.move(-1);
  assert.equal(completion.active, 1);
});

test('what was picked stays picked while it is offered', () => {
  const completion = new Completion();
  completion.offer([option({ text: 'a' }), option({ text: 'b' })]);
  completion.move(1);
  completion.move(1);
  completion.offer([option({ text: 'x' }), option({ text: 'y' }), option({ text: 'b' })]);
  assert.deepEqual([completion.active, completion.picked], [2, true]);
  completion.offer([option({ text: 'x' })]);
  assert.deepEqual([completion.active, completion.picked], [0, false]);
});

test('whatever does not fit the text is left out', () => {
  const good = option();
  const bad = [
    null, 3, { text: 'a' }, option({ start: -1 }), option({ end: 99 }), option({ start: 5, end: 4 }),
  ];
  assert.deepEqual(readOptions([...bad, good], 'tag:sc'), [good]);
  assert.deepEqual(readOptions('nonsense', 'tag:sc'), []);
});
