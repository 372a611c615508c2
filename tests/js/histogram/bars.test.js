// Places, names and brushing of bars.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barName, ends, escaped, shapes, tickText, touched } from '../../../components/histogram/bars.js';

const base = { unit: '', labels: [], edges: [], language: 'en', kind: 'number' };

test('texts stand at whole places, dates at milliseconds', () => {
  assert.deepEqual(ends({ ...base, kind: 'text', labels: ['a', 'b'] }), [-0.5, 0.5, 1.5]);
  assert.deepEqual(ends({ ...base, kind: 'date', edges: [0, 86400] }), [0, 86400000]);
  assert.deepEqual(ends({ ...base, edges: [1, 3] }), [1, 3]);
});

test('bars are in the middle of their part of the axis', () => {
  const { x, width } = shapes([0, 10, 30]);
  assert.deepEqual(x, [5, 20]);
  assert.ok(width[0] < 10 && width[1] < 20 && width[1] > 17);
});

test('a brush takes every bar it touches, in either direction', () => {
  const between = [0, 1, 2, 3];
  assert.deepEqual(touched(between, 0.2, 1.1), [0, 1]);
  assert.deepEqual(touched(between, 1.1, 0.2), [0, 1]);
  assert.deepEqual(touched(between, 1, 2), [1]);
  assert.deepEqual(touched(between, -5, 9), [0, 1, 2]);
});

test('a click takes the bar below it, and an end belongs to the bar after it', () => {
  assert.deepEqual(touched([0, 1, 2], 0.5, 0.5), [0]);
  assert.deepEqual(touched([0, 1, 2], 1, 1), [1]);
  assert.deepEqual(touched([0, 1, 2], 2, 2), []);
});

test('bars are named by label, value, range or days', () => {
  assert.equal(barName({ ...base, kind: 'text', labels: ['<b>x</b>'] }, 0), '<b>x</b>');
  assert.equal(barName({ ...base, edges: [2.5, 3.5], unit: 'px' }, 0), '3 px');
  assert.equal(barName({ ...base, edges: [0.25, 0.5], unit: '%' }, 0), '0.25 – 0.5 %');
  assert.match(barName({ ...base, kind: 'date', edges: [0, 86400] }, 0), /Jan 1, 1970/);
});

test('names are no markup', () => {
  assert.equal(escaped('<a href="x">&'), '&lt;a href="x"&gt;&amp;');
  assert.equal(tickText('a'.repeat(30)), `${'a'.repeat(17)}…`);
});
