// Which point the cursor means.

import { nearness } from './occlusion.js';
import { eachVisiblePoint } from './projection.js';

/**
 * The point under the cursor: the front-most of those whose discs hold it, else the one that is
 * nearest to it on the screen.
 * @param {import('./types.js').Sight} sight
 * @param {{x: number, y: number}} cursor CSS px
 * @param {number} reach how far from the cursor a point may be, CSS px
 * @param {number} diameter of a point at the target's distance, CSS px
 * @returns {number} index of the point, -1 if there is none
 */
export function pickPoint({ cloud, matrix, width, height, targetDepth }, cursor, reach, diameter) {
  let best = -1;
  let bestScore = Infinity;
  const box = {
    left: cursor.x - reach,
    top: cursor.y - reach,
    right: cursor.x + reach,
    bottom: cursor.y + reach,
  };
  eachVisiblePoint(cloud, matrix, width, height, (i, x, y, depth, w) => {
    const distance = Math.hypot(x - cursor.x, y - cursor.y);
    if (distance > reach) return;
    const holds = distance <= (diameter / 2) * nearness(targetDepth, w);
    // Depth lies in [-1, 1]: any point that holds the cursor goes before any that does not.
    const score = holds ? depth - 2 + 1e-4 * (distance / reach) : distance;
    if (score < bestScore) {
      bestScore = score;
      best = i;
    }
  }, box);
  return best;
}
