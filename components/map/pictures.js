// A layer over the points on which those at close range show as their pictures. It is a canvas of
// its own, so that it looks the same with WebGL2 and without.

import { element } from '../shared/dom.js';
import { choosePictures, pictureAt, placePictures } from './close_up.js';
import { PictureCache } from './picture_cache.js';
import { eachVisiblePoint } from './projection.js';

/** @typedef {import('./types.js').Sight} Sight */

/**
 * @typedef {object} Look
 * @property {[number, number, number][]} palette sRGB 0..255 by code
 * @property {Uint8Array} selected one byte a point
 * @property {boolean} dimmed whether there is a selection to stand out
 * @property {number} hovered index of the point under the cursor, -1 for none
 * @property {{ink: number[], background: number[]}} theme sRGB in [0, 1]
 */

// Choosing again while the map moves must cost less than this, or it waits until the map rests.
const CHEAP_MS = 4;
const FRAME = 2;
const EMPHASIS = 3.5;
const DIMMED = 0.3;

export class Pictures {
  /**
   * @param {(index: number) => string} addressOf the thumbnail of a point
   * @param {() => void} onLoaded called when there is more to draw
   */
  constructor(addressOf, onLoaded) {
    this.element = element('canvas', { class: 'pictures', 'aria-hidden': 'true' });
    this.addressOf = addressOf;
    this.cache = new PictureCache(onLoaded);
    this.on = true;
    this.density = 1;
    /** @type {number[]} */
    this.points = [];
    this.side = 0;
    this.chosenFor = '';
    this.cost = 0;
    /** As drawn last, the farthest first. @type {import('./close_up.js').Place[]} */
    this.places = [];
  }

  /** Nothing is chosen any more: the points are others. */
  forget() {
    this.points = [];
    this.chosenFor = '';
    this.cost = 0;
  }

  toggle() {
    this.on = !this.on;
    this.forget();
    this.cache.want([]);
  }

  /** Give the memory back. */
  dispose() {
    this.cache.clear();
    this.resize(1, 1, 1);
  }

  /**
   * @param {number} width CSS px
   * @param {number} height CSS px
   * @param {number} density device px per CSS px
   */
  resize(width, height, density) {
    this.element.width = Math.round(width * density);
    this.element.height = Math.round(height * density);
    this.density = density;
  }

  /**
   * @param {Sight} sight
   * @param {Look} look
   * @param {boolean} moving whether the map is on its way, and must not be held up
   */
  draw(sight, look, moving) {
    if (this.on) this.choose(sight, moving);
    if (!this.places.length && !this.points.length) return;
    // Asked for no sooner: a canvas without a context costs the browser nothing.
    const context = this.element.getContext('2d');
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.places.length) context.clearRect(0, 0, this.element.width, this.element.height);
    this.places = [];
    context.setTransform(this.density, 0, 0, this.density, 0, 0);
    for (const place of placePictures(sight, this.points, this.side)) {
      const bitmap = this.cache.get(this.addressOf(place.index));
      if (!bitmap) continue; // a point as long as its picture is not here
      this.places.push(drawPicture(context, bitmap, place, sight.cloud.codes[place.index], look));
    }
  }

  /**
   * @param {Sight} sight
   * @param {boolean} moving
   */
  choose(sight, moving) {
    const key = `${sight.matrix} ${sight.cloud.hidden}`;
    if (key === this.chosenFor || (moving && this.cost > CHEAP_MS)) return;
    const began = performance.now();
    const { points, side } = choosePictures(sight, new Set(this.points));
    this.cost = performance.now() - began;
    this.chosenFor = key;
    [this.points, this.side] = [points, side];
    this.cache.want(points.map(this.addressOf));
  }

  /**
   * Take account of the pictures in what can be seen: each shows its own point and hides others.
   * @param {Sight} sight
   * @param {Uint8Array} seen one byte a point, changed
   */
  cover({ cloud, matrix, width, height }, seen) {
    if (!this.places.length) return;
    eachVisiblePoint(cloud, matrix, width, height, (index, x, y) => {
      const top = this.at({ x, y });
      if (top >= 0) seen[index] = Number(top === index);
    }, { left: 0, top: 0, right: width, bottom: height });
  }

  /**
   * @param {{x: number, y: number}} cursor CSS px
   * @returns {number} index of the point whose picture is there, -1 if there is none
   */
  at({ x, y }) {
    return pictureAt(this.places, x, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ImageBitmap} bitmap
 * @param {import('./close_up.js').Place} place
 * @param {number} code
 * @param {Look} look
 * @returns {import('./close_up.js').Place} with the size as drawn
 */
function drawPicture(context, bitmap, place, code, { palette, selected, dimmed, hovered, theme }) {
  const scale = place.side / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const [left, top] = [place.x - width / 2, place.y - height / 2];
  const stands = place.index === hovered || (dimmed && selected[place.index] === 1);
  context.fillStyle = rgb(theme.background.map((part) => part * 255));
  context.fillRect(left, top, width, height);
  context.globalAlpha = dimmed && !selected[place.index] ? DIMMED : 1;
  context.drawImage(bitmap, left, top, width, height);
  if (stands) frame(context, left, top, width, height, EMPHASIS, rgb(theme.ink.map((part) => part * 255)));
  frame(context, left, top, width, height, FRAME, rgb(palette[code] ?? [128, 128, 128]));
  context.globalAlpha = 1;
  return { ...place, width, height };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} top
 * @param {number} width
 * @param {number} height
 * @param {number} line width outside the picture
 * @param {string} colour
 */
function frame(context, left, top, width, height, line, colour) {
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.strokeRect(left - line / 2, top - line / 2, width + line, height + line);
}

/** @param {number[]} parts 0..255 */
function rgb(parts) {
  return `rgb(${parts.map(Math.round).join(' ')})`;
}
