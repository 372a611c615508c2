import assert from 'node:assert/strict';
import { test } from 'node:test';

import { currentTarget, offerTarget, withdrawTarget } from '../../../components/shared/target.js';
import { pageKey } from '../../../components/shortcuts/keys.js';
import { Presses } from '../../../components/shortcuts/presses.js';

/** @param {string} code @param {Partial<KeyboardEvent>} [more] */
const press = (code, more = {}) => pageKey({
  code, key: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more,
});

test('digits are favourites, with Shift suggestions, on any layout', () => {
  assert.deepEqual(press('Digit1', { key: '1' }), { kind: 'favourite', number: 1 });
  assert.deepEqual(press('Digit1', { key: '&' }), { kind: 'favourite', number: 1 });
  assert.deepEqual(press('Numpad9', { key: '9' }), { kind: 'favourite', number: 9 });
  assert.deepEqual(press('Digit3', { key: '#', shiftKey: true }), { kind: 'suggestion', number: 3 });
  assert.equal(press('Digit0', { key: '0' }), null);
  assert.equal(press('Numpad9', { key: 'PageUp' }), null);
  assert.equal(press('Digit1', { altKey: true }), null);
  assert.equal(press('Digit1', { ctrlKey: true }), null);
});

test('undo, redo and help', () => {
  assert.deepEqual(press('KeyZ', { ctrlKey: true }), { kind: 'undo' });
  assert.deepEqual(press('KeyZ', { metaKey: true, shiftKey: true }), { kind: 'redo' });
  assert.deepEqual(press('KeyY', { ctrlKey: true }), { kind: 'redo' });
  assert.equal(press('KeyZ'), null);
  assert.deepEqual(press('Slash', { key: '?', shiftKey: true }), { kind: 'help' });
});

test('every press goes with those that wait, until Python has heard it', () => {
  /** @type {string[]} */
  const sent = [];
  const presses = new Presses((waiting) => sent.push(waiting.map(({ kind }) => kind).join('')));
  presses.add({ kind: 'a' });
  presses.add({ kind: 'b' });
  const [first, second] = presses.waiting.map(({ stamp }) => stamp);
  assert.ok(first < second);
  presses.heard(first);
  presses.add({ kind: 'c' });
  assert.deepEqual(sent, ['a', 'ab', 'bc']);
  presses.heard(presses.last);
  assert.deepEqual(presses.waiting, []);
  presses.stop();
});

test('a key is about the view that counts and in which something is chosen', () => {
  const map = {};
  const gallery = {};
  let picked = false;
  assert.equal(currentTarget(), null);
  offerTarget(gallery, () => (picked ? { kind: 'gallery' } : null));
  offerTarget(map, () => ({ kind: 'map' }), 0);
  assert.deepEqual(currentTarget(), { kind: 'map' });
  picked = true;
  assert.deepEqual(currentTarget(), { kind: 'gallery' });
  withdrawTarget(gallery);
  assert.deepEqual(currentTarget(), { kind: 'map' });
  withdrawTarget(map);
});
