import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  combineMasks,
  pointsInPolygon,
  polygonTester,
  rectanglePolygon,
} from '../../../components/map/lasso.js';
import { orthographic } from '../../../components/map/projection.js';

/** Deterministic numbers in [0, 1) (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Edges to the right of a point, each edge compared, half-open in y. */
function crossingsToTheRight(polygon, x, y) {
  let crossings = 0;
  for (let i = 0; i < polygon.length; i += 2) {
    const [ax, ay] = [polygon[i], polygon[i + 1]];
    const [bx, by] = [polygon[(i + 2) % polygon.length], polygon[(i + 3) % polygon.length]];
    const [low, high] = ay < by ? [ay, by] : [by, ay];
    if (y < low || y >= high) continue;
    if (ax + ((y - ay) / (by - ay)) * (bx - ax) > x) crossings++;
  }
  return crossings;
}

test('a square has an inside and an outside', () => {
  const inside = polygonTester(rectanglePolygon({ x: 10, y: 10 }, { x: 20, y: 30 }));
  assert.ok(inside(15, 20));
  assert.ok(!inside(9, 20));
  assert.ok(!inside(21, 20));
  assert.ok(!inside(15, 9));
  assert.ok(!inside(15, 31));
});

test('a rectangle may be drawn towards any corner', () => {
  for (const [a, b] of [[[20, 30], [10, 10]], [[10, 30], [20, 10]]]) {
    const polygon = rectanglePolygon({ x: a[0], y: a[1] }, { x: b[0], y: b[1] });
    assert.ok(polygonTester(polygon)(15, 20));
  }
});

test('the middle of a pentagram lies outside by the even-odd rule', () => {
  const star = [0, 2, 4, 1, 3].flatMap((k) => {
    const angle = (2 * Math.PI * k) / 5;
    return [100 * Math.sin(angle), -100 * Math.cos(angle)];
  });
  const inside = polygonTester(star);
  assert.ok(!inside(0, 0));
  assert.ok(inside(0, -80));
});

test('equals brute force over random, self-crossing polygons', () => {
  const random = generator(3);
  for (let round = 0; round < 60; round++) {
    const corners = 3 + Math.floor(random() * 40);
    const polygon = Array.from({ length: 2 * corners }, () =>
      // Every other polygon lies on whole pixels, as mouse positions do.
      round % 2 ? Math.floor(random() * 120) - 10 : random() * 120 - 10,
    );
    const inside = polygonTester(polygon);
    for (let k = 0; k < 300; k++) {
      const [x, y] = [random() * 140 - 20, random() * 140 - 20];
      assert.equal(inside(x, y), crossingsToTheRight(polygon, x, y) % 2 === 1, `${x} ${y} ${polygon}`);
    }
  }
});

test('points without a place on the screen are in no polygon', () => {
  const inside = polygonTester([0, 0, 10, 0, 10, 10]);
  assert.ok(!inside(NaN, 5));
  assert.ok(!inside(5, NaN));
  assert.ok(!inside(Infinity, -Infinity));
});

test('points in a polygon: only those shown', () => {
  const hidden = new Uint8Array(256);
  hidden[7] = 1;
  const cloud = {
    positions: new Float32Array([0, 0, 0, 0.1, 0, 0, 0.9, 0, 0]),
    codes: new Uint8Array([0, 7, 0]),
    hidden,
  };
  const matrix = orthographic(0, 0, 1, 1);
  const square = [40, 40, 60, 40, 60, 60, 40, 60];
  assert.deepEqual([...pointsInPolygon(cloud, matrix, 100, 100, square)], [1, 0, 0]);
  assert.deepEqual([...pointsInPolygon(cloud, matrix, 100, 100, [1, 1, 2, 2])], [0, 0, 0]);
});

test('modes combine masks without changing them', () => {
  const selected = new Uint8Array([1, 1, 0, 0]);
  const enclosed = new Uint8Array([1, 0, 1, 0]);
  assert.deepEqual([...combineMasks(selected, enclosed, 'replace')], [1, 0, 1, 0]);
  assert.deepEqual([...combineMasks(selected, enclosed, 'add')], [1, 1, 1, 0]);
  assert.deepEqual([...combineMasks(selected, enclosed, 'remove')], [0, 1, 0, 0]);
  assert.deepEqual([...selected], [1, 1, 0, 0]);
  assert.deepEqual([...enclosed], [1, 0, 1, 0]);
});
