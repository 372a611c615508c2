// Rings around single points, over whatever is drawn: the one that another view points at, and the
// one whose image is shown large.

import { element } from '../shared/dom.js';
import { eachVisiblePoint } from './projection.js';

/** @typedef {'pointed' | 'opened'} Kind */

export class Pins {
  constructor() {
    this.nodes = {
      pointed: element('div', { class: 'pin pointed', hidden: '' }),
      opened: element('div', { class: 'pin opened', hidden: '' }),
    };
    this.points = { pointed: -1, opened: -1 };
    this.element = element('div', { class: 'pins', 'aria-hidden': 'true' }, ...Object.values(this.nodes));
  }

  /**
   * @param {Kind} kind
   * @param {number} index of a point, -1 for none; `place` shows it
   */
  set(kind, index) {
    this.points[kind] = index;
  }

  /**
   * Move the rings to where their points are; those of points that are not in view go.
   * @param {import('./types.js').Sight} sight
   */
  place(sight) {
    for (const kind of /** @type {const} */ (['opened', 'pointed'])) {
      const at = placeOf(this.points[kind], sight);
      const node = this.nodes[kind];
      node.toggleAttribute('hidden', !at);
      if (at) node.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px)`;
    }
  }
}

/**
 * @param {number} index of a point
 * @param {import('./types.js').Sight} sight
 * @returns {{x: number, y: number} | null} CSS px on the stage; null where it is not to be seen
 */
export function placeOf(index, { cloud, matrix, width, height }) {
  if (index < 0 || index >= cloud.codes.length) return null;
  const one = {
    positions: cloud.positions.subarray(index * 3, index * 3 + 3),
    codes: cloud.codes.subarray(index, index + 1),
    hidden: cloud.hidden,
  };
  /** @type {{x: number, y: number} | null} */
  let found = null;
  const box = { left: 0, top: 0, right: width, bottom: height };
  eachVisiblePoint(one, matrix, width, height, (_, x, y) => {
    found = { x, y };
  }, box);
  return found;
}
