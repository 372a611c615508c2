import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matching } from '../../../components/viewer/class_input.js';

test('names that begin as typed come first, then those that hold it', () => {
  const classes = ['deep scratch', 'Scratch', 'dent', 'scrap'];
  assert.deepEqual(matching(classes, 'scra'), ['Scratch', 'scrap', 'deep scratch']);
  assert.deepEqual(matching(classes, ' '), classes);
  assert.deepEqual(matching(classes, 'x'), []);
});

test('a typed syllable in parts is the whole one', () => {
  assert.deepEqual(matching(['얼룩'], '얼룩'.normalize('NFD')), ['얼룩']);
});
