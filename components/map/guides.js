// What gives a cloud of points depth: a box around it with a grid on its floor, and a small compass.

import { svgElement } from '../shared/dom.js';

const DIVISIONS = 8;
const COMPASS = 26;
const AXES = ['x', 'y', 'z'];

/**
 * The edges of the box around the points and a grid on its floor.
 * @param {import('./types.js').Bounds} bounds
 * @returns {Float32Array} x, y, z of both ends of each line
 */
export function boxLines({ low, high }) {
  /** @type {number[]} */
  const ends = [];
  for (let step = 0; step <= DIVISIONS; step++) {
    const x = low[0] + ((high[0] - low[0]) * step) / DIVISIONS;
    const y = low[1] + ((high[1] - low[1]) * step) / DIVISIONS;
    ends.push(x, low[1], low[2], x, high[1], low[2], low[0], y, low[2], high[0], y, low[2]);
  }
  for (const x of [low[0], high[0]]) {
    for (const y of [low[1], high[1]]) ends.push(x, y, low[2], x, y, high[2]);
    ends.push(x, low[1], high[2], x, high[1], high[2]);
  }
  for (const y of [low[1], high[1]]) ends.push(low[0], y, high[2], high[0], y, high[2]);
  return new Float32Array(ends);
}

/** A small drawing of the three axes as the camera sees them. */
export class Compass {
  constructor() {
    this.element = svgElement('svg', {
      class: 'compass',
      viewBox: '-36 -36 72 72',
      'aria-hidden': 'true',
    });
    this.axes = AXES.map((name) => {
      const line = svgElement('line');
      const label = svgElement('text', {}, name);
      const group = svgElement('g', { class: `axis-${name}` }, line, label);
      this.element.append(group);
      return { group, line, label };
    });
  }

  /**
   * @param {number[] | null} view world to camera matrix; null hides the compass
   */
  update(view) {
    this.element.toggleAttribute('hidden', !view);
    if (!view) return;
    const ends = this.axes.map((parts, axis) => ({
      ...parts,
      x: view[axis * 4] * COMPASS,
      y: -view[axis * 4 + 1] * COMPASS,
      towards: view[axis * 4 + 2],
    }));
    for (const { group, line, label, x, y, towards } of ends) {
      line.setAttribute('x2', x.toFixed(1));
      line.setAttribute('y2', y.toFixed(1));
      label.setAttribute('x', (x * 1.25).toFixed(1));
      label.setAttribute('y', (y * 1.25).toFixed(1));
      group.setAttribute('opacity', towards < -0.2 ? '0.5' : '1');
    }
  }
}
