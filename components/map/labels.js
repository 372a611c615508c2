// Names of the classes at their centres, over the points.

import { element } from '../shared/dom.js';
import { eachVisiblePoint } from './projection.js';

/** @typedef {{code: number, text: string, x: number, y: number, z: number}} Centre */

/**
 * The mean position of each class's points.
 * @param {import('./types.js').Cloud} cloud
 * @param {import('./types.js').LegendEntry[]} entries
 * @returns {Centre[]} of the classes with a name, the largest first
 */
export function classCentres({ positions, codes }, entries) {
  const sums = new Float64Array(256 * 4);
  for (let i = 0; i < codes.length; i++) {
    const at = codes[i] * 4;
    for (let axis = 0; axis < 3; axis++) sums[at + axis] += positions[i * 3 + axis];
    sums[at + 3]++;
  }
  const named = entries.filter(({ kind, code }) => kind === 'class' && sums[code * 4 + 3] > 0);
  named.sort((a, b) => sums[b.code * 4 + 3] - sums[a.code * 4 + 3]);
  return named.map(({ code, label }) => {
    const [x, y, z] = [0, 1, 2].map((axis) => sums[code * 4 + axis] / sums[code * 4 + 3]);
    return { code, text: label, x, y, z };
  });
}

export class Labels {
  constructor() {
    this.element = element('div', { class: 'labels', 'aria-hidden': 'true', hidden: '' });
    /** @type {Centre[]} */
    this.centres = [];
    this.nodes = /** @type {HTMLElement[]} */ ([]);
  }

  /** @param {Centre[]} centres */
  set(centres) {
    this.centres = centres;
    this.nodes = centres.map(({ text }) => element('div', {}, text));
    this.element.replaceChildren(...this.nodes);
  }

  /**
   * Move the labels to where their centres are; one that would cover a larger class's is left out.
   * @param {import('./projection.js').Matrix} matrix world to clip space
   * @param {number} width CSS px
   * @param {number} height CSS px
   * @param {Uint8Array} hidden 256 flags by code
   */
  place(matrix, width, height, hidden) {
    if (this.element.hidden) return;
    const cloud = {
      positions: new Float32Array(this.centres.flatMap(({ x, y, z }) => [x, y, z])),
      codes: new Uint8Array(this.centres.map(({ code }) => code)),
      hidden,
    };
    for (const node of this.nodes) node.style.visibility = 'hidden';
    /** @type {{x: number, y: number, width: number}[]} */
    const taken = [];
    eachVisiblePoint(cloud, matrix, width, height, (i, x, y) => {
      const node = this.nodes[i];
      const own = { x, y, width: node.offsetWidth };
      const covers = taken.some((other) =>
        Math.abs(other.y - y) < 18 && Math.abs(other.x - x) < (other.width + own.width) / 2);
      if (covers) return;
      taken.push(own);
      node.style.visibility = 'visible';
      node.style.transform = `translate(-50%, -50%) translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    });
  }
}
