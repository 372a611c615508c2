// Which points can be seen: those whose middle no nearer point covers.

import { eachVisiblePoint } from './projection.js';

/** Points nearer than the camera's target grow, others shrink, within these factors. */
const SMALLEST = 0.6;
const LARGEST = 2;

/**
 * Share of its full size at which a point is drawn; the shader computes the same.
 * @param {number} targetDepth distance at which points have their full size; 0: at all distances
 * @param {number} w distance of the point along the line of sight
 */
export function nearness(targetDepth, w) {
  return targetDepth > 0 ? Math.max(SMALLEST, Math.min(LARGEST, targetDepth / w)) : 1;
}

/**
 * @param {import('./types.js').Sight} sight
 * @param {number} diameter of a point at the target's distance, CSS px
 * @returns {Uint8Array} one byte a point, 1 = its middle is on the screen and not covered
 */
export function visiblePoints({ cloud, matrix, width, height, targetDepth }, diameter) {
  const columns = Math.ceil(width);
  const rows = Math.ceil(height);
  // The depth of what is in front at each CSS pixel.
  const front = new Float32Array(columns * rows).fill(Infinity);
  let nearest = 0;
  /** @param {number} pixel */
  const cover = (pixel) => {
    if (nearest < front[pixel]) front[pixel] = nearest;
  };
  eachVisiblePoint(cloud, matrix, width, height, (_, x, y, depth, w) => {
    nearest = depth;
    eachDiscPixel(x, y, (diameter / 2) * nearness(targetDepth, w), columns, rows, cover);
  });
  const mask = new Uint8Array(cloud.codes.length);
  eachVisiblePoint(cloud, matrix, width, height, (i, x, y, depth) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    if (Math.fround(depth) <= front[Math.floor(y) * columns + Math.floor(x)]) mask[i] = 1;
  });
  return mask;
}

/**
 * Call `visit(pixel)` for the pixels of a disc that are on the screen: those whose middle it
 * covers, and always the one that holds its own middle.
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} columns of the screen
 * @param {number} rows of the screen
 * @param {(pixel: number) => void} visit
 */
export function eachDiscPixel(x, y, radius, columns, rows, visit) {
  const left = Math.max(0, Math.floor(x - radius));
  const right = Math.min(columns - 1, Math.floor(x + radius));
  const top = Math.max(0, Math.floor(y - radius));
  const bottom = Math.min(rows - 1, Math.floor(y + radius));
  const ownColumn = Math.floor(x);
  const ownRow = Math.floor(y);
  for (let row = top; row <= bottom; row++) {
    const dy = (row + 0.5 - y) ** 2;
    for (let column = left; column <= right; column++) {
      const covered = (column + 0.5 - x) ** 2 + dy <= radius * radius;
      if (covered || (row === ownRow && column === ownColumn)) visit(row * columns + column);
    }
  }
}
