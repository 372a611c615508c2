import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choosePictures, CLOSE, MOST, pictureAt, placePictures } from '../../../components/map/close_up.js';
import { PictureCache } from '../../../components/map/picture_cache.js';
import { orthographic } from '../../../components/map/projection.js';

const NONE = new Set();

/** A sheet of 1000 x 1000 px on which (x, y) of the world is the pixel (x, 1000 - y). */
function sheet(points, { hidden = [], codes = points.map(() => 0) } = {}) {
  const flags = new Uint8Array(256);
  hidden.forEach((code) => (flags[code] = 1));
  const positions = new Float32Array(points.flatMap(([x, y]) => [x, y, 0]));
  const cloud = { positions, codes: Uint8Array.from(codes), hidden: flags };
  return { cloud, matrix: orthographic(500, 500, 500, 500), width: 1000, height: 1000, targetDepth: 0 };
}

function grid(n) {
  const columns = Math.ceil(Math.sqrt(n));
  return Array.from({ length: n }, (_, i) => [
    ((i % columns) + 0.5) * (1000 / columns),
    (Math.floor(i / columns) + 0.5) * (1000 / columns),
  ]);
}

test('few points become pictures, those off the stage and of hidden classes do not', () => {
  const sight = sheet([[200, 500], [800, 500], [-50, 500], [500, 200]], { codes: [0, 0, 0, 7], hidden: [7] });
  const { points, side } = choosePictures(sight, NONE);
  assert.deepEqual(points, [0, 1]);
  assert.equal(side, 96);
});

test('with more points within reach than CLOSE there are no pictures', () => {
  assert.deepEqual(choosePictures(sheet(grid(CLOSE + 1)), NONE).points, []);
  assert.ok(choosePictures(sheet(grid(CLOSE)), NONE).points.length > 0);
});

test('never more than MOST pictures, and none in the middle of another', () => {
  const { points, side } = choosePictures(sheet(grid(300)), NONE);
  assert.equal(points.length, MOST);
  // 300 pictures would cover 0.7 of a million pixels: the root of 0.7e6 / 300.
  assert.ok(Math.abs(side - 48.3) < 0.1);
  const crowd = choosePictures(sheet([[500, 500], [510, 505], [700, 500]]), NONE);
  assert.deepEqual(crowd.points, [0, 2]);
});

test('a picture that shows keeps its place before one that would cover it', () => {
  const sight = sheet([[500, 500], [510, 505]]);
  assert.deepEqual(choosePictures(sight, NONE).points, [0]);
  assert.deepEqual(choosePictures(sight, new Set([1])).points, [1]);
});

test('in depth the nearer is chosen, what is far behind the target is not', () => {
  // Looking along +x from the origin: w = x, and everything lies in the middle of the screen.
  const matrix = [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const positions = new Float32Array([10, 0, 0, 8, 0, 0, 17, 5, 0]);
  const cloud = { positions, codes: new Uint8Array(3), hidden: new Uint8Array(256) };
  const sight = { cloud, matrix, width: 1000, height: 1000, targetDepth: 10 };
  assert.deepEqual(choosePictures(sight, NONE).points, [1]);
  const places = placePictures(sight, [1, 0], 50);
  assert.deepEqual(places.map(({ index }) => index), [0, 1]);
  assert.deepEqual(places.map(({ side }) => side), [50, 62.5]);
});

test('the picture on top is found by its own size', () => {
  const places = [
    { index: 4, x: 100, y: 100, w: 2, side: 60 },
    { index: 9, x: 120, y: 100, w: 1, side: 60, width: 60, height: 20 },
  ];
  assert.equal(pictureAt(places, 120, 105), 9);
  assert.equal(pictureAt(places, 120, 115), 4);
  assert.equal(pictureAt(places, 160, 115), -1);
});

/** A cache whose pictures come when the test says so. */
function cacheOf(options) {
  const waiting = new Map();
  const closed = [];
  let loaded = 0;
  const load = (url, signal) => new Promise((resolve, reject) => {
    waiting.set(url, {
      come: () => resolve({ url, close: () => closed.push(url) }),
      fail: () => reject(new Error(url)),
    });
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
  const cache = new PictureCache(() => loaded++, { load, ...options });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { cache, waiting, closed, settle, loaded: () => loaded };
}

test('no more than so many pictures are asked for at once, the most wanted first', async () => {
  const { cache, waiting, settle } = cacheOf({ atOnce: 2 });
  cache.want(['a', 'b', 'c', 'd']);
  assert.deepEqual([...waiting.keys()], ['a', 'b']);
  waiting.get('a').come();
  await settle();
  assert.deepEqual([...waiting.keys()], ['a', 'b', 'c']);
  assert.equal(cache.get('a').url, 'a');
  assert.equal(cache.get('b'), undefined);
});

test('the cache holds so many pictures, the last used, and frees the others', async () => {
  const { cache, waiting, closed, settle } = cacheOf({ kept: 2 });
  for (const url of ['a', 'b', 'c']) {
    cache.want([url]);
    waiting.get(url).come();
    await settle();
    cache.get('a');
  }
  assert.deepEqual(closed, ['b']);
  assert.deepEqual(['a', 'b', 'c'].map((url) => cache.get(url)?.url), ['a', undefined, 'c']);
});

test('what is no longer wanted is given up, what cannot be had is not asked for again', async () => {
  const { cache, waiting, settle, loaded } = cacheOf({ atOnce: 1 });
  cache.want(['a', 'b']);
  cache.want(['c']);
  await settle();
  assert.deepEqual([...waiting.keys()], ['a', 'c']);
  waiting.get('c').fail();
  await settle();
  assert.equal(cache.get('c'), null);
  waiting.clear();
  cache.want(['c', 'd']);
  assert.deepEqual([...waiting.keys()], ['d']);
  assert.equal(loaded(), 0);
});
