import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Camera } from '../../../components/map/camera.js';
import { eachVisiblePoint, multiply } from '../../../components/map/projection.js';

const BOUNDS = { low: [-1, -1, -1], high: [1, 1, 1] };
const [WIDTH, HEIGHT] = [800, 400];

function cloud(points, codes = points.map(() => 0), hidden = new Uint8Array(256)) {
  return { positions: new Float32Array(points.flat()), codes: new Uint8Array(codes), hidden };
}

function project(camera, points) {
  const seen = new Map();
  eachVisiblePoint(cloud(points), camera.matrix(WIDTH, HEIGHT), WIDTH, HEIGHT, (i, x, y) =>
    seen.set(i, [x, y]),
  );
  return seen;
}

function camera(dim) {
  const made = new Camera(dim, BOUNDS);
  made.fit(WIDTH, HEIGHT);
  return made;
}

function near(actual, expected, tolerance = 1e-6) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < tolerance, `${actual} is not ${expected}`),
  );
}

test('flat map: x to the right, y upwards, the same scale in both', () => {
  const flat = camera(2);
  flat.distance = 2; // 4 world units over 400 px
  const seen = project(flat, [[0, 0, 0], [1, 0, 0], [0, 0.5, 0]]);
  near(seen.get(0), [400, 200]);
  near(seen.get(1), [500, 200]);
  near(seen.get(2), [400, 150]);
});

test('in depth: the target is in the middle and up is up', () => {
  const orbit = camera(3);
  Object.assign(orbit, { azimuth: -Math.PI / 2, elevation: 0, distance: 4, target: [0, 0, 0] });
  // Seen from (0, -4, 0): x to the right, z up; half the height is tan(22.5 deg) * 4.
  const scale = HEIGHT / 2 / (4 * Math.tan(Math.PI / 8));
  const seen = project(orbit, [[0, 0, 0], [1, 0, 0], [0, 0, 1]]);
  near(seen.get(0), [400, 200], 1e-4);
  near(seen.get(1), [400 + scale, 200], 1e-4);
  near(seen.get(2), [400, 200 - scale], 1e-4);
});

test('points behind the camera are not seen', () => {
  const orbit = camera(3);
  Object.assign(orbit, { azimuth: -Math.PI / 2, elevation: 0, distance: 4 });
  assert.deepEqual([...project(orbit, [[0, -5, 0], [0, 5, 0]]).keys()], [1]);
});

test('a fit shows all corners, on wide and on high screens', () => {
  const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x, y, z])));
  for (const dim of [2, 3]) {
    for (const [width, height] of [[900, 300], [300, 900]]) {
      const made = new Camera(dim, BOUNDS);
      made.fit(width, height);
      const points = dim === 2 ? corners.map(([x, y]) => [x, y, 0]) : corners;
      const places = [];
      eachVisiblePoint(cloud(points), made.matrix(width, height), width, height, (_i, x, y) =>
        places.push([x, y]),
      );
      assert.equal(places.length, 8);
      for (const [x, y] of places) assert.ok(x > 0 && x < width && y > 0 && y < height, `${dim}: ${x} ${y}`);
    }
  }
});

test('zoom keeps what is under the cursor', () => {
  for (const dim of [2, 3]) {
    const made = camera(dim);
    const cursor = { x: 610, y: 90 };
    const scale = made.worldPerPixel(HEIGHT);
    const before = made.target.slice();
    made.shift((cursor.x - WIDTH / 2) * scale, (HEIGHT / 2 - cursor.y) * scale);
    const underCursor = made.target.slice();
    made.target = before;
    made.zoom(0.5, cursor, WIDTH, HEIGHT);
    near(project(made, [underCursor]).get(0), [cursor.x, cursor.y], 1e-3);
  }
});

test('panning moves the plane of the target with the cursor', () => {
  for (const dim of [2, 3]) {
    const made = camera(dim);
    const start = made.target.slice();
    made.pan(37, -21, HEIGHT);
    near(project(made, [start]).get(0), [WIDTH / 2 + 37, HEIGHT / 2 - 21], 1e-3);
  }
});

test('rotation stops before it turns over', () => {
  const orbit = camera(3);
  orbit.rotate(0, 10_000);
  assert.ok(orbit.elevation < Math.PI / 2);
  assert.ok(orbit.matrix(WIDTH, HEIGHT).every(Number.isFinite));
});

test('a single point has a camera too', () => {
  for (const dim of [2, 3]) {
    const made = new Camera(dim, { low: [3, 3, 0], high: [3, 3, 0] });
    made.fit(WIDTH, HEIGHT);
    near(project(made, [[3, 3, 0]]).get(0), [400, 200], 1e-3);
  }
});

test('matrix product', () => {
  const move = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1];
  const stretch = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1];
  assert.deepEqual(multiply(stretch, move).slice(12), [10, 18, 28, 1]);
  assert.deepEqual(multiply(move, stretch).slice(12), [5, 6, 7, 1]);
});
