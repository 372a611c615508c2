import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  boxInFrame, centred, fitted, held, zoomed,
} from '../../../components/viewer/transform.js';

const picture = { width: 1200, height: 800 };
const frame = { width: 600, height: 500 };

test('a large picture is shrunk into the middle', () => {
  assert.deepEqual(fitted(picture, frame), { scale: 0.5, x: 0, y: 50 });
});

test('a tiny picture grows, but not beyond eight times', () => {
  assert.equal(fitted({ width: 10, height: 10 }, frame).scale, 8);
  assert.equal(fitted({ width: 300, height: 100 }, frame).scale, 2);
});

test('zooming keeps the point under the cursor', () => {
  const before = { scale: 0.5, x: 20, y: -30 };
  const after = zoomed(before, 3, 200, 100, 0.1);
  assert.equal(after.scale, 1.5);
  // The picture's pixel at the cursor: (200 - 20) / 0.5 = 360, (100 + 30) / 0.5 = 260.
  assert.equal((200 - after.x) / after.scale, 360);
  assert.equal((100 - after.y) / after.scale, 260);
});

test('the scale stays within its bounds and does not drift there', () => {
  const smallest = zoomed({ scale: 0.3, x: 5, y: 6 }, 0.01, 100, 100, 0.25);
  assert.equal(smallest.scale, 0.25);
  assert.deepEqual(zoomed(smallest, 0.5, 100, 100, 0.25), smallest);
  assert.equal(zoomed({ scale: 30, x: 0, y: 0 }, 10, 0, 0, 0.25).scale, 32);
});

test('a picture cannot be dragged out of sight', () => {
  const far = held({ scale: 1, x: 5000, y: -5000 }, picture, frame);
  assert.deepEqual(far, { scale: 1, x: 600 - 48, y: 48 - 800 });
  const small = held({ scale: 0.02, x: -900, y: 900 }, picture, frame);
  assert.ok(small.x + 24 > 0 && small.y < 500);
});

test('what lies well inside stays where it is', () => {
  const at = centred(picture, frame, 1);
  assert.deepEqual(at, { scale: 1, x: -300, y: -150 });
  assert.deepEqual(held(at, picture, frame), at);
});

test('a box is placed by its shares', () => {
  assert.deepEqual(
    boxInFrame([0.25, 0.5, 0.75, 1], { scale: 0.5, x: 10, y: 20 }, picture),
    { x: 160, y: 220, width: 300, height: 200 },
  );
});
