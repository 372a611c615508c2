// Which points a shape on the screen encloses, and what that does to the selection.

import { eachVisiblePoint } from './projection.js';

/** @typedef {'replace' | 'add' | 'remove' | 'intersect'} SelectionMode */

/**
 * Even-odd test of a closed polygon. Its edges are sorted into rows of one pixel, so that a point
 * is compared with the few edges at its height only.
 * @param {number[]} polygon [x0, y0, x1, y1, ...] CSS px, at least three corners
 * @returns {(x: number, y: number) => boolean}
 */
export function polygonTester(polygon) {
  const corners = polygon.length >> 1;
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 1; i < polygon.length; i += 2) {
    top = Math.min(top, polygon[i]);
    bottom = Math.max(bottom, polygon[i]);
  }
  const firstRow = Math.floor(top);
  /** @type {number[][]} */
  const rows = Array.from({ length: Math.floor(bottom) - firstRow + 1 }, () => []);
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const [y, previousY] = [polygon[2 * i + 1], polygon[2 * j + 1]];
    const last = Math.floor(Math.max(y, previousY)) - firstRow;
    for (let row = Math.floor(Math.min(y, previousY)) - firstRow; row <= last; row++) {
      rows[row].push(2 * i, 2 * j);
    }
  }
  return (x, y) => {
    if (!(y >= top && y <= bottom)) return false;
    const edges = rows[Math.floor(y) - firstRow];
    let inside = false;
    for (let k = 0; k < edges.length; k += 2) {
      const ax = polygon[edges[k]];
      const ay = polygon[edges[k] + 1];
      const bx = polygon[edges[k + 1]];
      const by = polygon[edges[k + 1] + 1];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  };
}

/**
 * The rectangle between two opposite corners as a polygon.
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 */
export function rectanglePolygon(a, b) {
  return [a.x, a.y, b.x, a.y, b.x, b.y, a.x, b.y];
}

/**
 * @param {import('./types.js').Cloud} cloud
 * @param {import('./projection.js').Matrix} matrix world to clip space
 * @param {number} width CSS px
 * @param {number} height CSS px
 * @param {number[]} polygon CSS px
 * @returns {Uint8Array} one byte a point, 1 = drawn and inside the polygon
 */
export function pointsInPolygon(cloud, matrix, width, height, polygon) {
  const mask = new Uint8Array(cloud.codes.length);
  if (polygon.length < 6) return mask;
  const inside = polygonTester(polygon);
  const across = polygon.filter((_, i) => i % 2 === 0);
  const down = polygon.filter((_, i) => i % 2 === 1);
  const box = {
    left: Math.min(...across),
    top: Math.min(...down),
    right: Math.max(...across),
    bottom: Math.max(...down),
  };
  eachVisiblePoint(cloud, matrix, width, height, (i, x, y) => {
    if (inside(x, y)) mask[i] = 1;
  }, box);
  return mask;
}

/**
 * The selection after a shape was drawn; both masks stay as they are.
 * @param {Uint8Array} selected one byte a point
 * @param {Uint8Array} enclosed one byte a point
 * @param {SelectionMode} mode
 * @returns {Uint8Array} a new mask
 */
export function combineMasks(selected, enclosed, mode) {
  const result = enclosed.slice();
  if (mode === 'replace') return result;
  if (mode === 'add') for (let i = 0; i < result.length; i++) result[i] |= selected[i];
  else if (mode === 'intersect') for (let i = 0; i < result.length; i++) result[i] &= selected[i];
  else for (let i = 0; i < result.length; i++) result[i] = selected[i] & (result[i] ^ 1);
  return result;
}
