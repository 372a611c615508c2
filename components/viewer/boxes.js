// Boxes and their labels over the picture, drawn at screen size so that they read at any zoom.

import { svgElement } from '../shared/dom.js';
import { HANDLES, handlePoints } from './corners.js';
import { boxInFrame } from './transform.js';

/** @typedef {import('./corners.js').Corners} Corners */
/** @typedef {import('./corners.js').Rectangle} Rectangle */
/** @typedef {{label: string, confidence: number | null, box: Corners}} Box */

/**
 * A box to show: by the model (dashed), drawn by people, or being drawn.
 * @typedef {Box & {kind: 'model' | 'drawn' | 'draft'}} ShownBox
 */
/**
 * @typedef {{box: ShownBox, outline: SVGRectElement, halo: SVGRectElement, plate: SVGRectElement,
 *   text: SVGTextElement, width: number}} Drawing
 */

// Okabe and Ito's palette, told apart by the colour-blind, each with the ink that reads on it.
const COLOURS = [
  ['#e69f00', '#000'], ['#56b4e9', '#000'], ['#009e73', '#fff'], ['#f0e442', '#000'],
  ['#0072b2', '#fff'], ['#d55e00', '#fff'], ['#cc79a7', '#000'],
];

const LINE = 18;
const PADDING = 5;
const HANDLE = 9;

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
    /** @type {Drawing[]} in the order they are given */
    this.drawn = [];
    /** @type {number | null} */
    this.selected = null;
    this.handles = HANDLES.map((name) => svgElement('rect', { class: `handle ${name}` }));
    this.look = '';
  }

  /**
   * @param {ShownBox[]} boxes
   * @param {number | null} selected
   * @param {Intl.NumberFormat} percent
   */
  show(boxes, selected, percent) {
    this.selected = selected;
    const look = JSON.stringify(boxes.map(({ label, confidence, kind }) => (
      [label, confidence, kind]
    )));
    if (look === this.look) {
      // Nodes stay while a box is dragged.
      for (const [index, item] of this.drawn.entries()) item.box = boxes[index];
    } else {
      this.look = look;
      this.#build(boxes, percent);
    }
    for (const [index, { outline }] of this.drawn.entries()) {
      outline.classList.toggle('selected', index === selected);
    }
  }

  /**
   * @param {ShownBox[]} boxes
   * @param {Intl.NumberFormat} percent
   */
  #build(boxes, percent) {
    this.drawn = boxes.map((box) => {
      const [fill, ink] = labelColours(box.label);
      const text = svgElement('text', { fill: ink });
      const share = box.confidence === null ? '' : ` ${percent.format(box.confidence)}`;
      text.textContent = box.label + share;
      return {
        box,
        text,
        halo: svgElement('rect', { class: 'halo' }),
        outline: svgElement('rect', { class: `outline ${box.kind}`, stroke: fill }),
        plate: svgElement('rect', { class: 'plate', fill, rx: '3' }),
        width: 0,
      };
    });
    // Large boxes first, so that small ones inside them stay on top.
    const area = (/** @type {Drawing} */ { box: { box } }) => (box[2] - box[0]) * (box[3] - box[1]);
    const ordered = [...this.drawn].sort((a, b) => area(b) - area(a));
    this.root.replaceChildren(
      ...ordered.flatMap(({ halo, outline }) => [halo, outline]),
      ...ordered.flatMap(({ plate, text, box }) => (box.label ? [plate, text] : [])),
      ...this.handles,
    );
  }

  /**
   * @param {import('./transform.js').Transform} transform
   * @param {import('./transform.js').Size} picture
   * @param {import('./transform.js').Size} frame
   */
  place(transform, picture, frame) {
    // Where people drew boxes the model's labels hang below, so that both can be read.
    const both = this.drawn.some(({ box }) => box.kind === 'drawn');
    for (const item of this.drawn) {
      const at = boxInFrame(item.box.box, transform, picture);
      for (const node of [item.halo, item.outline]) setRectangle(node, at);
      placeLabel(item, at, frame, both && item.box.kind === 'model');
    }
    this.#placeHandles(transform, picture);
  }

  /**
   * @param {import('./transform.js').Transform} transform
   * @param {import('./transform.js').Size} picture
   */
  #placeHandles(transform, picture) {
    const item = this.selected === null ? undefined : this.drawn[this.selected];
    const points = item && handlePoints(boxInFrame(item.box.box, transform, picture));
    for (const [index, name] of HANDLES.entries()) {
      const node = this.handles[index];
      node.classList.toggle('outside', !points);
      if (!points) continue;
      const { x, y } = points[name];
      const corner = { x: x - HANDLE / 2, y: y - HANDLE / 2, width: HANDLE, height: HANDLE };
      setRectangle(node, corner);
    }
  }
}

/**
 * @param {Drawing} item
 * @param {Rectangle} at
 * @param {import('./transform.js').Size} frame
 * @param {boolean} below
 */
function placeLabel(item, at, frame, below) {
  item.width ||= item.text.getComputedTextLength();
  const width = item.width + 2 * PADDING;
  // Above the box; inside it when there is no room above; always within the frame.
  const above = at.y - LINE;
  let y = above >= 0 ? above : Math.min(Math.max(at.y, 0), at.y + at.height);
  if (below) y = Math.min(at.y + at.height, frame.height - LINE);
  const x = Math.min(Math.max(at.x - 1, 0), Math.max(0, frame.width - width));
  const outside = at.x > frame.width || at.y > frame.height
    || at.x + at.width < 0 || at.y + at.height < 0;
  for (const node of [item.plate, item.text]) node.classList.toggle('outside', outside);
  setRectangle(item.plate, { x, y, width, height: LINE });
  item.text.setAttribute('x', String(x + PADDING));
  item.text.setAttribute('y', String(y + LINE - PADDING));
}

/**
 * @param {SVGRectElement} node
 * @param {Rectangle} rectangle
 */
function setRectangle(node, rectangle) {
  for (const [name, value] of Object.entries(rectangle)) node.setAttribute(name, String(value));
}
