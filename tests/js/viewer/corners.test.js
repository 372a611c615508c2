import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  HANDLES, handlePoints, hit, moved, resized, spanned,
} from '../../../components/viewer/corners.js';

const least = { x: 0.01, y: 0.01 };

test('a box is spanned from any of its corners and cut at the border', () => {
  const box = [0.25, 0.5, 0.75, 0.875];
  const [a, b] = [{ x: 0.25, y: 0.5 }, { x: 0.75, y: 0.875 }];
  assert.deepEqual(spanned(a, b), box);
  assert.deepEqual(spanned(b, a), box);
  assert.deepEqual(spanned({ x: -1, y: 0.5 }, { x: 0.5, y: 7 }), [0, 0.5, 0.5, 1]);
});

test('what has no area in the picture is no box', () => {
  assert.equal(spanned({ x: 0.5, y: 0.5 }, { x: 0.5, y: 0.9 }), null);
  assert.equal(spanned({ x: 1.1, y: 0.2 }, { x: 1.5, y: 0.9 }), null);
});

test('a moved box keeps its size and stays in the picture', () => {
  assert.deepEqual(moved([0.25, 0.25, 0.5, 0.75], 0.125, -0.125), [0.375, 0.125, 0.625, 0.625]);
  assert.deepEqual(moved([0.25, 0.25, 0.5, 0.75], -9, 9), [0, 0.5, 0.25, 1]);
});

test('each handle moves its own sides', () => {
  const box = [0.25, 0.25, 0.75, 0.75];
  const to = { x: 0.5, y: 0.625 };
  const expected = {
    nw: [0.5, 0.625, 0.75, 0.75],
    n: [0.25, 0.625, 0.75, 0.75],
    ne: [0.25, 0.625, 0.5, 0.75],
    e: [0.25, 0.25, 0.5, 0.75],
    se: [0.25, 0.25, 0.5, 0.625],
    s: [0.25, 0.25, 0.75, 0.625],
    sw: [0.5, 0.25, 0.75, 0.625],
    w: [0.5, 0.25, 0.75, 0.75],
  };
  for (const handle of HANDLES) assert.deepEqual(resized(box, handle, to, least), expected[handle]);
});

test('past the opposite side a box turns over', () => {
  const box = [0.25, 0.25, 0.5, 0.5];
  assert.deepEqual(resized(box, 'w', { x: 0.875, y: 0 }, least), [0.5, 0.25, 0.875, 0.5]);
  assert.deepEqual(resized(box, 'se', { x: -3, y: 0.125 }, least), [0, 0.125, 0.25, 0.25]);
});

test('a box never gets smaller than asked, at the border too', () => {
  const box = [0.25, 0.25, 0.5, 0.5];
  const wide = { x: 0.0625, y: 0.0625 };
  assert.deepEqual(resized(box, 'e', { x: 0.25, y: 0 }, wide), [0.25, 0.25, 0.3125, 0.5]);
  assert.deepEqual(resized(box, 'w', { x: 0.5, y: 0 }, wide), [0.4375, 0.25, 0.5, 0.5]);
  assert.deepEqual(resized([0, 0, 0.5, 0.5], 'e', { x: -1, y: 0 }, wide), [0, 0, 0.0625, 0.5]);
  assert.deepEqual(resized([0.5, 0, 1, 1], 'w', { x: 2, y: 0 }, wide), [0.9375, 0, 1, 1]);
});

// A large box around a small one, on the screen.
const boxes = [{ x: 100, y: 100, width: 400, height: 300 }, { x: 200, y: 200, width: 60, height: 60 }];

test('handles of the chosen box go first', () => {
  const at = handlePoints(boxes[0]);
  assert.deepEqual(hit(boxes, 0, at.se, 6), { index: 0, part: 'se' });
  assert.deepEqual(hit(boxes, 0, { x: at.n.x + 4, y: at.n.y - 5 }, 6), { index: 0, part: 'n' });
  assert.deepEqual(hit(boxes, 0, { x: 120, y: 397 }, 6), { index: 0, part: 's' });
  assert.deepEqual(hit(boxes, 0, { x: 503, y: 130 }, 6), { index: 0, part: 'e' });
  assert.deepEqual(hit(boxes, null, at.se, 6), { index: 0, part: 'edge' });
});

test('the inside of the chosen box covers smaller ones, not their edges alone', () => {
  const inSmall = { x: 230, y: 230 };
  assert.deepEqual(hit(boxes, 0, inSmall, 6), { index: 0, part: 'inside' });
  assert.deepEqual(hit(boxes, null, inSmall, 6), { index: 1, part: 'inside' });
  assert.deepEqual(hit(boxes, null, { x: 203, y: 230 }, 6), { index: 1, part: 'edge' });
});

test('beside every box there is nothing', () => {
  assert.equal(hit(boxes, null, { x: 50, y: 50 }, 6), null);
  assert.equal(hit([], null, { x: 50, y: 50 }, 6), null);
  // The nearest corner is 5 px away along both sides: more than 6 in all.
  assert.equal(hit(boxes, null, { x: 95, y: 95 }, 6), null);
});

test('a small box keeps its corners and can be moved', () => {
  const small = [{ x: 10, y: 10, width: 24, height: 24 }];
  assert.deepEqual(hit(small, 0, { x: 22, y: 10 }, 6), { index: 0, part: 'inside' });
  assert.deepEqual(hit(small, 0, { x: 10, y: 10 }, 6), { index: 0, part: 'nw' });
});
