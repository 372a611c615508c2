// How points look: their colours, their size, the box around them.

/** @typedef {import('./types.js').MapData} MapData */

// Share of grey in the colour of dimmed points; the rest is the background.
const FAINT = 0.3;

/**
 * Colours and flags for drawing: dimmed points, which join no selection, are drawn faintly.
 * @param {MapData} data
 * @param {Uint8Array} hidden 256 flags by code
 * @param {import('./legend.js').Legend} legend
 * @param {number[]} background in [0, 1]
 */
export function dimmedPalette({ palette, legend: { entries } }, hidden, legend, background) {
  const entry = entries.find(({ kind }) => kind === 'dimmed');
  if (!entry) return { palette, unseen: hidden };
  const [red, green, blue] = background.map((part) => Math.round(255 * (FAINT * 0.5 + (1 - FAINT) * part)));
  const colours = [...palette];
  colours[entry.code] = [red, green, blue];
  const unseen = hidden.slice();
  unseen[entry.code] = Number(legend.hides(entry));
  return { palette: colours, unseen };
}

/**
 * @param {Float32Array} positions 3 N
 * @param {Uint8Array} selected one byte a point
 * @returns {import('./types.js').Bounds | null} of the selected points; null if there are none
 */
export function boundsOf(positions, selected) {
  const low = /** @type {import('./projection.js').Vector} */ ([Infinity, Infinity, Infinity]);
  const high = /** @type {import('./projection.js').Vector} */ ([-Infinity, -Infinity, -Infinity]);
  for (let i = 0; i < selected.length; i++) {
    if (!selected[i]) continue;
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], positions[i * 3 + axis]);
      high[axis] = Math.max(high[axis], positions[i * 3 + axis]);
    }
  }
  return low[0] <= high[0] ? { low, high } : null;
}

/**
 * Few points are drawn large, many small, and all grow a little on the way in.
 * @param {number} n
 * @param {number} magnification
 * @returns {number} diameter, CSS px
 */
export function pointSize(n, magnification) {
  const size = Math.max(3, Math.min(11, 21 / Math.max(1, n) ** 0.165));
  return size * Math.max(0.8, Math.min(2, magnification ** 0.35));
}
