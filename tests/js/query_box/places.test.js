import assert from 'node:assert/strict';
import { test } from 'node:test';

import { codePoints, codeUnits, errorRange } from '../../../components/query_box/places.js';

test('characters and UTF-16 units are converted either way', () => {
  const text = 'a🦊한b';
  assert.deepEqual([0, 1, 3, 4, 5].map((units) => codePoints(text, units)), [0, 1, 2, 3, 4]);
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((points) => codeUnits(text, points)), [0, 1, 3, 4, 5, 5]);
});

test('an error is underlined where it stands', () => {
  assert.deepEqual(errorRange('🦊 tagg:x', { column: 3, length: 4 }), { start: 3, end: 7 });
});

test('what is missing at the end is underlined at the last character', () => {
  assert.deepEqual(errorRange('tag:  ', { column: 7, length: 1 }), { start: 3, end: 4 });
  assert.deepEqual(errorRange('', { column: 1, length: 1 }), { start: 0, end: 0 });
});
