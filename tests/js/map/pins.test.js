import assert from 'node:assert/strict';
import { test } from 'node:test';

import { placeOf } from '../../../components/map/pins.js';
import { orthographic } from '../../../components/map/projection.js';

/** A sheet of 100 x 100 px on which (x, y) is the pixel (x, 100 - y). */
function sight(points, hidden = []) {
  const flags = new Uint8Array(256);
  hidden.forEach((code) => (flags[code] = 1));
  const codes = Uint8Array.from(points, (_, i) => i);
  const cloud = { positions: new Float32Array(points.flat()), codes, hidden: flags };
  return { cloud, matrix: orthographic(50, 50, 50, 50), width: 100, height: 100, targetDepth: 0 };
}

test('a ring lies where its point is drawn', () => {
  const points = [[20, 30, 0], [75, 60, 0.5]];
  assert.deepEqual(placeOf(0, sight(points)), { x: 20, y: 70 });
  assert.deepEqual(placeOf(1, sight(points)), { x: 75, y: 40 });
});

test('there is none around a point that is not to be seen, or around no point', () => {
  const points = [[20, 30, 0], [400, 60, 0]];
  assert.equal(placeOf(0, sight(points, [0])), null);
  assert.equal(placeOf(1, sight(points)), null);
  assert.equal(placeOf(-1, sight(points)), null);
  assert.equal(placeOf(2, sight(points)), null);
});
