import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { pickPoint } from '../../../components/map/picking.js';
import { orthographic } from '../../../components/map/projection.js';
import { Rest } from '../../../components/map/rest.js';

/** A sheet of 100 x 100 px on which (x, y) is the pixel (x, 100 - y), and larger z is nearer. */
function pick(points, x, y, { hidden = [], diameter = 6 } = {}) {
  const flags = new Uint8Array(256);
  hidden.forEach((code) => (flags[code] = 1));
  const codes = Uint8Array.from(points, (_, i) => i);
  const cloud = { positions: new Float32Array(points.flat()), codes, hidden: flags };
  const sight = { cloud, matrix: orthographic(50, 50, 50, 50), width: 100, height: 100, targetDepth: 0 };
  return pickPoint(sight, { x, y }, 14, diameter);
}

test('of points that hold the cursor the front-most is meant', () => {
  const points = [[50, 50, 0], [51, 50, 0.5], [49, 50, -0.5]];
  assert.equal(pick(points, 49, 50), 1);
  assert.equal(pick(points, 49, 50, { hidden: [1] }), 0);
  // With discs of a radius of 1.5 px the one in front does not reach the cursor.
  assert.equal(pick(points, 49, 50, { diameter: 3 }), 0);
});

test('beside all discs the nearest on the screen is meant, however far behind, within reach', () => {
  const points = [[50, 50, 0.9], [60, 50, -0.9]];
  assert.equal(pick(points, 56, 50), 1);
  assert.equal(pick(points, 64, 59), 1);
  assert.equal(pick(points, 50, 36.5), 0);
  assert.equal(pick(points, 50, 35), -1);
});

test('a cursor is told of when it has been there for a moment, and at once when it leaves', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const told = [];
  const rest = new Rest((cursor) => told.push(cursor));
  rest.at({ x: 1, y: 1 });
  mock.timers.tick(100);
  rest.at({ x: 2, y: 2 });
  assert.deepEqual(told, []);
  mock.timers.tick(25);
  assert.deepEqual(told, [{ x: 2, y: 2 }]);
  rest.at({ x: 3, y: 3 });
  rest.at(null);
  mock.timers.tick(500);
  assert.deepEqual(told, [{ x: 2, y: 2 }, null]);
  mock.timers.reset();
});
