import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  countSelected, encodeSelection, packBits, unpackBits,
} from '../../../components/shared/selection.js';

/** @param {number} n @param {number[]} chosen */
function maskOf(n, chosen) {
  const mask = new Uint8Array(n);
  for (const i of chosen) mask[i] = 1;
  return mask;
}

test('bits are low bit first', () => {
  assert.deepEqual([...packBits(maskOf(10, [0, 2, 9]))], [0b101, 0b10]);
});

test('a dense selection travels as bits', () => {
  const payload = encodeSelection(maskOf(10, [0, 2, 9]));
  assert.deepEqual(payload, { enc: 'bits', n: 10, b64: 'BQI=' });
});

test('a sparse selection travels as little-endian indices', () => {
  const payload = encodeSelection(maskOf(100000, [1, 258]));
  assert.equal(payload.enc, 'u32');
  assert.deepEqual([...Buffer.from(payload.b64, 'base64')], [1, 0, 0, 0, 2, 1, 0, 0]);
});

test('nothing of nothing', () => {
  assert.deepEqual(encodeSelection(new Uint8Array(0)), { enc: 'bits', n: 0, b64: '' });
});

test('a million items: every third comes back', () => {
  const mask = new Uint8Array(1_000_000).map((_, i) => (i % 3 === 0 ? 1 : 0));
  const payload = encodeSelection(mask);
  const back = new Uint8Array(mask.length);
  unpackBits(new Uint8Array(Buffer.from(payload.b64, 'base64')), back);
  assert.equal(countSelected(back), 333_334);
  assert.deepEqual(back, mask);
});

test('missing bytes read as not selected', () => {
  const mask = maskOf(20, [0, 19]);
  unpackBits(Uint8Array.of(0b10), mask);
  assert.deepEqual(mask, maskOf(20, [1]));
});
