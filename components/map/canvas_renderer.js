// Draws points and guide lines into a plain canvas where there is no WebGL2, as on remote desktops.
// It takes the same frames as renderer.js and shows the same, with harder edges.

import { eachDiscPixel, nearness } from './occlusion.js';
import { drawOrder } from './order.js';

/** @typedef {import('./renderer.js').Frame} Frame */

const LINE_OPACITY = 0.14;
const DIMMED = 0.78;

export class CanvasRenderer {
  /** @param {HTMLCanvasElement} canvas whose context is still free */
  constructor(canvas) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('the browser offers no canvas');
    this.context = context;
    /** @type {{positions: Float32Array, codes: Uint8Array, selected: Uint8Array}} */
    this.points = {
      positions: new Float32Array(0),
      codes: new Uint8Array(0),
      selected: new Uint8Array(0),
    };
    this.order = /** @type {Uint32Array} */ (new Uint32Array(0));
    this.lines = /** @type {Float32Array} */ (new Float32Array(0));
    /** @type {[number, number, number][]} */
    this.colours = [];
    this.hidden = /** @type {Uint8Array} */ (new Uint8Array(256));
    this.image = new ImageData(1, 1);
    // Points are written as pixels, which would replace the lines below them on the canvas itself.
    this.layer = new OffscreenCanvas(1, 1);
    this.depths = new Float32Array(1);
  }

  /**
   * @param {import('./renderer.js').PointArray} name
   * @param {Float32Array | Uint8Array} values 3 N float32 for positions, else N uint8
   */
  setPoints(name, values) {
    Object.assign(this.points, { [name]: values });
    if (name === 'positions') this.order = drawOrder(values.length / 3);
  }

  /** @param {Float32Array} ends x, y, z of both ends of each line */
  setLines(ends) {
    this.lines = ends;
  }

  /**
   * @param {[number, number, number][]} colours sRGB 0..255 by code, at most 256
   * @param {Uint8Array} hidden 256 flags by code
   */
  setPalette(colours, hidden) {
    this.colours = colours;
    this.hidden = hidden;
  }

  /**
   * @param {number} width device px
   * @param {number} height device px
   */
  resize(width, height) {
    Object.assign(this.context.canvas, { width, height });
    this.image = new ImageData(width, height);
    this.layer = new OffscreenCanvas(width, height);
    this.depths = new Float32Array(width * height);
  }

  /** @param {Frame} frame */
  draw(frame) {
    const pixels = new Uint32Array(this.image.data.buffer);
    const { background } = frame.theme;
    pixels.fill(0);
    this.depths.fill(Infinity);
    const plain = this.shades((rgb) => rgb);
    if (frame.dimmed) {
      const dim = this.shades((rgb) => rgb.map((part, c) => part + (background[c] - part) * DIMMED));
      this.drawPoints(frame, pixels, 0, dim);
      // The selection is never covered by what is outside it.
      this.depths.fill(Infinity);
      this.drawPoints(frame, pixels, 1, plain);
    } else {
      this.drawPoints(frame, pixels, -1, plain);
    }
    this.context.fillStyle = css(background);
    this.context.fillRect(0, 0, this.image.width, this.image.height);
    this.drawLines(frame);
    this.layer.getContext('2d')?.putImageData(this.image, 0, 0);
    this.context.drawImage(this.layer, 0, 0);
  }

  /**
   * @param {(rgb: number[]) => number[]} change of a colour in [0, 1]
   * @returns {number[]} packed pixels by code
   */
  shades(change) {
    return this.colours.map((colour) => packed(change(colour.map((part) => part / 255))));
  }

  /**
   * @param {Frame} frame
   * @param {Uint32Array} pixels
   * @param {number} layer 0 outside the selection, 1 inside it, -1 all
   * @param {number[]} shades packed pixels by code
   */
  drawPoints({ matrix: m, pointSize, targetDepth, hovered, limit, theme }, pixels, layer, shades) {
    const { positions, codes, selected } = this.points;
    const { width, height } = this.image;
    const { depths } = this;
    const ink = packed(theme.ink);
    const count = Math.min(limit, this.order.length);
    let depth = 0;
    let colour = 0;
    /** @param {number} pixel */
    const put = (pixel) => {
      if (depth > depths[pixel]) return;
      depths[pixel] = depth;
      pixels[pixel] = colour;
    };
    for (let place = 0; place < count; place++) {
      const i = this.order[place];
      if (this.hidden[codes[i]] || (layer >= 0 && selected[i] !== layer)) continue;
      const [x, y, z] = [positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]];
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      depth = Math.fround((m[2] * x + m[6] * y + m[10] * z + m[14]) / w);
      if (w <= 0 || depth < -1 || depth > 1) continue;
      const screenX = (((m[0] * x + m[4] * y + m[8] * z + m[12]) / w) * 0.5 + 0.5) * width;
      const screenY = (0.5 - ((m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * 0.5) * height;
      const emphasis = i === hovered ? 1.8 : layer === 1 ? 1.3 : 1;
      const radius = (pointSize / 2) * nearness(targetDepth, w) * emphasis;
      colour = ink;
      if (emphasis > 1) eachDiscPixel(screenX, screenY, radius, width, height, put);
      colour = shades[codes[i]];
      const inner = emphasis > 1 ? radius * 0.62 : radius;
      eachDiscPixel(screenX, screenY, inner, width, height, put);
    }
  }

  /** @param {Frame} frame */
  drawLines({ matrix: m, theme }) {
    const { context, lines } = this;
    const { width, height } = this.image;
    context.strokeStyle = css(theme.ink, LINE_OPACITY);
    context.beginPath();
    for (let at = 0; at < lines.length; at += 6) {
      const ends = [at, at + 3].map((from) => {
        const [x, y, z] = lines.subarray(from, from + 3);
        const w = m[3] * x + m[7] * y + m[11] * z + m[15];
        const right = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
        const up = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
        return { w, x: (right * 0.5 + 0.5) * width, y: (0.5 - up * 0.5) * height };
      });
      // A line that runs past the camera is left out rather than cut.
      if (ends.some(({ w }) => w <= 0)) continue;
      context.moveTo(ends[0].x, ends[0].y);
      context.lineTo(ends[1].x, ends[1].y);
    }
    context.stroke();
  }

  dispose() {
    this.resize(1, 1);
  }
}

/**
 * @param {number[]} rgb in [0, 1]
 * @param {number} [opacity]
 */
function css(rgb, opacity = 1) {
  return `rgb(${rgb.map((part) => Math.round(part * 255)).join(' ')} / ${opacity})`;
}

/**
 * @param {number[]} rgb in [0, 1]
 * @returns {number} an opaque pixel of image data, read as a little-endian number
 */
function packed(rgb) {
  const [red, green, blue] = rgb.map((part) => Math.round(part * 255));
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
