// Which points become their pictures at close range, and where these lie on the screen.

import { nearness } from './occlusion.js';
import { eachVisiblePoint } from './projection.js';

/** Points within reach, at most, for pictures to show; and pictures at a time. */
export const CLOSE = 400;
export const MOST = 120;
// CSS px of a picture's longer side.
const SMALLEST = 34;
const LARGEST = 96;
// Of the stage's area, so much is covered by pictures at most.
const COVER = 0.7;
// Middles of pictures are this share of their side apart: one may hide a corner of another.
const APART = 0.8;
// With fewer than this share of the points as pictures, smaller ones are tried.
const ENOUGH = 0.6;
const SMALLER = 0.8;
// In depth, what is farther than this many times the camera's target is background.
const REACH = 1.6;

/**
 * @typedef {object} Place
 * @property {number} index of the point
 * @property {number} x CSS px, the picture's middle
 * @property {number} y CSS px
 * @property {number} w distance along the line of sight, 1 on a flat map
 * @property {number} side of the square that holds the picture, CSS px
 * @property {number} [width] of the picture as drawn, CSS px
 * @property {number} [height] CSS px
 */

/** @typedef {import('./types.js').Sight} Sight */

/**
 * The points that become pictures: those within reach, if they are few, the front-most first, as
 * far as they leave each other room.
 * @param {Sight} sight
 * @param {ReadonlySet<number>} shown points whose pictures show already; they stay where they can
 * @returns {{points: number[], side: number}} none when too many points are within reach; `side`
 *   is that of a picture at the target's distance, CSS px
 */
export function choosePictures(sight, shown) {
  const near = withinReach(sight);
  if (!near.length) return { points: [], side: 0 };
  near.sort((a, b) => Number(shown.has(b.index)) - Number(shown.has(a.index)) || a.w - b.w || a.index - b.index);
  const room = Math.sqrt((COVER * sight.width * sight.height) / near.length);
  let side = Math.max(SMALLEST, Math.min(LARGEST, room));
  let points = placeApart(near, side, sight.targetDepth);
  // In a crowd smaller pictures let more of it be seen.
  while (points.length < ENOUGH * Math.min(near.length, MOST) && side > SMALLEST) {
    side = Math.max(SMALLEST, side * SMALLER);
    points = placeApart(near, side, sight.targetDepth);
  }
  return { points, side };
}

/**
 * @param {Place[]} near the most important first
 * @param {number} side of a picture at the target's distance, CSS px
 * @param {number} targetDepth
 * @returns {number[]} those whose pictures leave each other room
 */
function placeApart(near, side, targetDepth) {
  /** @type {Place[]} */
  const placed = [];
  for (const place of near) {
    const apart = APART * side * nearness(targetDepth, place.w);
    const free = placed.every(({ x, y }) => Math.max(Math.abs(x - place.x), Math.abs(y - place.y)) >= apart);
    if (free) placed.push(place);
    if (placed.length === MOST) break;
  }
  return placed.map(({ index }) => index);
}

/**
 * @param {Sight} sight
 * @returns {Place[]} empty when they are more than `CLOSE`
 */
function withinReach({ cloud, matrix, width, height, targetDepth }) {
  /** @type {Place[]} */
  const near = [];
  const farthest = targetDepth ? targetDepth * REACH : Infinity;
  eachVisiblePoint(cloud, matrix, width, height, (index, x, y, _, w) => {
    if (w > farthest || x < 0 || y < 0 || x >= width || y >= height) return false;
    near.push({ index, x, y, w, side: 0 });
    return near.length > CLOSE;
  }, { left: 0, top: 0, right: width, bottom: height });
  return near.length > CLOSE ? [] : near;
}

/**
 * Where chosen points lie now.
 * @param {Sight} sight
 * @param {number[]} points
 * @param {number} side of a picture at the target's distance, CSS px
 * @returns {Place[]} of those that are drawn, the farthest first
 */
export function placePictures({ cloud, matrix, width, height, targetDepth }, points, side) {
  const positions = new Float32Array(points.length * 3);
  points.forEach((index, at) => positions.set(cloud.positions.subarray(index * 3, index * 3 + 3), at * 3));
  const codes = Uint8Array.from(points, (index) => cloud.codes[index]);
  /** @type {Place[]} */
  const places = [];
  eachVisiblePoint({ positions, codes, hidden: cloud.hidden }, matrix, width, height, (at, x, y, _, w) => {
    places.push({ index: points[at], x, y, w, side: side * nearness(targetDepth, w) });
  });
  return places.sort((a, b) => b.w - a.w || b.index - a.index);
}

/**
 * The picture on top at a place of the screen.
 * @param {Place[]} places the farthest first
 * @param {number} x CSS px
 * @param {number} y CSS px
 * @returns {number} index of its point, -1 if there is none
 */
export function pictureAt(places, x, y) {
  const found = places.findLast(({ x: middleX, y: middleY, side, width = side, height = side }) =>
    Math.abs(middleX - x) <= width / 2 && Math.abs(middleY - y) <= height / 2);
  return found?.index ?? -1;
}
