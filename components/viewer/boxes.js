// Boxes and their labels over the picture, drawn at screen size so that they read at any zoom.

import { svgElement } from '../shared/dom.js';
import { boxInFrame } from './transform.js';

/** @typedef {{label: string, confidence: number | null,
 *   box: [number, number, number, number]}} Box */

// Okabe and Ito's palette, told apart by the colour-blind, each with the ink that reads on it.
const COLOURS = [
  ['#e69f00', '#000'], ['#56b4e9', '#000'], ['#009e73', '#fff'], ['#f0e442', '#000'],
  ['#0072b2', '#fff'], ['#d55e00', '#fff'], ['#cc79a7', '#000'],
];

const LINE = 18;
const PADDING = 5;

/**
 * The same label has the same colour in every picture.
 * @param {string} label
 * @returns {string[]} fill and ink
 */
export function labelColours(label) {
  let hash = 2166136261;
  for (const char of label) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return COLOURS[(hash >>> 0) % COLOURS.length];
}

/** The boxes of one picture. */
export class BoxLayer {
  constructor() {
    this.root = svgElement('svg', { class: 'boxes', 'aria-hidden': 'true' });
    /** @type {{box: Box, outline: SVGRectElement, halo: SVGRectElement, plate: SVGRectElement,
     *   text: SVGTextElement}[]} */
    this.drawn = [];
  }

  /**
   * @param {Box[]} boxes
   * @param {Intl.NumberFormat} percent
   */
  show(boxes, percent) {
    // Large boxes first, so that small ones inside them stay on top.
    const area = (/** @type {Box} */ { box }) => (box[2] - box[0]) * (box[3] - box[1]);
    const ordered = [...boxes].sort((a, b) => area(b) - area(a));
    this.drawn = ordered.map((box) => {
      const [fill, ink] = labelColours(box.label);
      const text = svgElement('text', { fill: ink });
      const share = box.confidence === null ? '' : ` ${percent.format(box.confidence)}`;
      text.textContent = box.label + share;
      return {
        box,
        text,
        halo: svgElement('rect', { class: 'halo' }),
        outline: svgElement('rect', { class: 'outline', stroke: fill }),
        plate: svgElement('rect', { class: 'plate', fill, rx: '3' }),
      };
    });
    this.root.replaceChildren(
      ...this.drawn.flatMap(({ halo, outline }) => [halo, outline]),
      ...this.drawn.flatMap(({ plate, text }) => [plate, text]),
    );
  }

  /**
   * @param {import('./transform.js').Transform} transform
   * @param {import('./transform.js').Size} picture
   * @param {import('./transform.js').Size} frame
   */
  place(transform, picture, frame) {
    for (const item of this.drawn) {
      const at = boxInFrame(item.box.box, transform, picture);
      for (const node of [item.halo, item.outline]) setRectangle(node, at);
      const width = item.text.getComputedTextLength() + 2 * PADDING;
      // Above the box; inside it when there is no room above; always within the frame.
      const above = at.y - LINE;
      const y = above >= 0 ? above : Math.min(Math.max(at.y, 0), at.y + at.height);
      const x = Math.min(Math.max(at.x - 1, 0), Math.max(0, frame.width - width));
      const outside = at.x > frame.width || at.y > frame.height
        || at.x + at.width < 0 || at.y + at.height < 0;
      for (const node of [item.plate, item.text]) node.classList.toggle('outside', outside);
      setRectangle(item.plate, { x, y, width, height: LINE });
      item.text.setAttribute('x', String(x + PADDING));
      item.text.setAttribute('y', String(y + LINE - PADDING));
    }
  }
}

/**
 * @param {SVGRectElement} node
 * @param {{x: number, y: number, width: number, height: number}} rectangle
 */
function setRectangle(node, rectangle) {
  for (const [name, value] of Object.entries(rectangle)) node.setAttribute(name, String(value));
}
