import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { unpackIds } from '../../../components/map/ids.js';
import { visiblePoints } from '../../../components/map/occlusion.js';
import { arrange, drawOrder } from '../../../components/map/order.js';
import { Pace } from '../../../components/map/pace.js';
import { orthographic } from '../../../components/map/projection.js';
import { SelectionHistory } from '../../../components/map/selection_history.js';
import { combineMasks } from '../../../components/map/lasso.js';

test('every point has one place in the order of drawing', () => {
  for (const n of [0, 1, 2, 3, 5, 8, 13, 100, 1000, 4096]) {
    assert.deepEqual([...drawOrder(n)].sort((a, b) => a - b), [...Array(n).keys()]);
  }
});

test('the first points drawn are spread over all, whatever the rhythm of their order', () => {
  const first = drawOrder(10_000).subarray(0, 500);
  for (const rhythm of [2, 7, 10, 16]) {
    const counts = new Array(rhythm).fill(0);
    for (const index of first) counts[index % rhythm]++;
    assert.ok(Math.min(...counts) > (0.6 * 500) / rhythm, `${rhythm}: ${counts}`);
  }
  const tenths = new Array(10).fill(0);
  for (const index of first) tenths[Math.floor(index / 1000)]++;
  assert.ok(tenths.every((count) => Math.abs(count - 50) <= 3), `${tenths}`);
});

test('values follow the order, triples stay together', () => {
  const order = new Uint32Array([2, 0, 1]);
  assert.deepEqual([...arrange(new Uint8Array([7, 8, 9]), order, 1)], [9, 7, 8]);
  const triples = arrange(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8, 9]), order, 3);
  assert.deepEqual([...triples], [7, 8, 9, 1, 2, 3, 4, 5, 6]);
});

test('ids are read from bytes written by hand', async () => {
  // 5, 305, 304: differences 5, 300 and -1; zigzag 10, 600 = 4 * 128 + 88, and 1.
  const packed = deflateSync(Uint8Array.of(10, 128 + 88, 4, 1));
  const buffer = packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.length);
  assert.deepEqual([...(await unpackIds(buffer, 3))], [5, 305, 304]);
});

test('a slow machine draws fewer points while it moves, a fast one all', () => {
  const pace = new Pace(() => {});
  assert.equal(pace.points(1e6, 0), 1e6);
  pace.moved();
  const first = pace.points(1e6, 1000);
  assert.ok(first < 1e6);
  let now = 1000;
  for (let i = 0; i < 20; i++) pace.points(1e6, (now += 150));
  assert.ok(pace.points(1e6, now + 150) < first);
  for (let i = 0; i < 30; i++) pace.points(1e6, (now += 16));
  assert.equal(pace.points(1e6, now + 16), 1e6);
  clearTimeout(pace.timer);
});

test('when the movement ends, all points are drawn', async () => {
  const pace = await new Promise((resolve) => {
    const made = new Pace(() => resolve(made));
    made.moved();
  });
  assert.equal(pace.points(1e6, 0), 1e6);
});

test('a nearer point covers those behind it, not those beside it', () => {
  // A sheet of 20 x 20 px, one world unit a pixel; nearer is larger z.
  const matrix = orthographic(10, 10, 10, 10);
  const positions = new Float32Array([10.5, 10.5, 0.5, 11.5, 10.5, 0, 14.5, 10.5, 0, 30, 10, 0]);
  const cloud = { positions, codes: new Uint8Array([0, 1, 1, 1]), hidden: new Uint8Array(256) };
  const sight = { cloud, matrix, width: 20, height: 20, targetDepth: 0 };
  assert.deepEqual([...visiblePoints(sight, 4)], [1, 0, 1, 0]);
  cloud.hidden[0] = 1;
  assert.deepEqual([...visiblePoints(sight, 4)], [0, 1, 1, 0]);
});

test('intersecting keeps what both hold', () => {
  const [selected, enclosed] = [Uint8Array.of(1, 1, 0, 0), Uint8Array.of(1, 0, 1, 0)];
  assert.deepEqual([...combineMasks(selected, enclosed, 'intersect')], [1, 0, 0, 0]);
  assert.deepEqual([...selected, ...enclosed], [1, 1, 0, 0, 1, 0, 1, 0]);
});

test('selections are gone back to and forth until a new one is made', () => {
  const history = new SelectionHistory();
  const [none, a, b] = [Uint8Array.of(0, 0), Uint8Array.of(1, 0), Uint8Array.of(1, 1)];
  history.changed(none);
  history.changed(a);
  assert.deepEqual(history.undo(b), a);
  assert.deepEqual(history.undo(a), none);
  assert.equal(history.undo(none), null);
  assert.deepEqual(history.redo(none), a);
  history.changed(a);
  assert.equal(history.redo(b), null);
});
