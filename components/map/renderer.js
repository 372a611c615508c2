// Draws points and guide lines with WebGL2. Knows nothing of cameras, selections or the page.

import { arrange, drawOrder } from './order.js';
import { LINE_FRAGMENT, LINE_VERTEX, POINT_FRAGMENT, POINT_VERTEX, SPECK_FRAGMENT } from './shaders.js';

/** The browser offers no WebGL2. */
export class WebGLMissing extends Error {}

/**
 * @typedef {object} Frame
 * @property {number[]} matrix world to clip space
 * @property {number} pointSize device px
 * @property {number} targetDepth distance at which points have that size; 0: at all distances
 * @property {number} hovered index of the point under the cursor, -1 for none
 * @property {number} limit draw no more points than this, spread over all of them
 * @property {boolean} dimmed whether there is a selection to stand out
 * @property {{ink: number[], background: number[]}} theme sRGB in [0, 1]
 */

/** @typedef {'positions' | 'codes' | 'selected'} PointArray */

const LINE_OPACITY = 0.14;
// Device px. Up to this size a processor draws points as specks, in half the time.
const SPECK = 4;

export class Renderer {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onRestored called when the context is back and its data are gone
   * @throws {WebGLMissing}
   */
  constructor(canvas, onRestored) {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: !drawsInSoftware() });
    if (!gl) throw new WebGLMissing('no WebGL2 context');
    this.gl = gl;
    this.canvas = canvas;
    this.onRestored = onRestored;
    this.order = /** @type {Uint32Array} */ (new Uint32Array(0));
    this.lineEnds = 0;
    this.setUp();
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    canvas.addEventListener('webglcontextrestored', () => {
      this.setUp();
      this.onRestored();
    });
  }

  setUp() {
    const gl = this.gl;
    this.pointProgram = new Program(gl, POINT_VERTEX, POINT_FRAGMENT);
    this.speckProgram = new Program(gl, POINT_VERTEX, SPECK_FRAGMENT);
    this.lineProgram = new Program(gl, LINE_VERTEX, LINE_FRAGMENT);
    this.buffers = {
      positions: gl.createBuffer(),
      codes: gl.createBuffer(),
      selected: gl.createBuffer(),
      lines: gl.createBuffer(),
    };
    this.pointLayout = gl.createVertexArray();
    gl.bindVertexArray(this.pointLayout);
    floatTriples(gl, this.buffers.positions);
    bytes(gl, 1, this.buffers.codes);
    bytes(gl, 2, this.buffers.selected);
    this.lineLayout = gl.createVertexArray();
    gl.bindVertexArray(this.lineLayout);
    floatTriples(gl, this.buffers.lines);
    this.paletteTexture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.paletteTexture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.enable(gl.DEPTH_TEST);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  }

  /**
   * @param {PointArray} name
   * @param {Float32Array | Uint8Array} values 3 N float32 for positions, else N uint8
   */
  setPoints(name, values) {
    const size = name === 'positions' ? 3 : 1;
    if (name === 'positions') this.order = drawOrder(values.length / size);
    this.fill(name, arrange(values, this.order, size));
  }

  /** @param {Float32Array} ends x, y, z of both ends of each line */
  setLines(ends) {
    this.fill('lines', ends);
    this.lineEnds = ends.length / 3;
  }

  /**
   * @param {PointArray | 'lines'} name
   * @param {Float32Array | Uint8Array} values
   */
  fill(name, values) {
    const gl = this.gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers?.[name] ?? null);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  }

  /**
   * @param {[number, number, number][]} colours sRGB 0..255 by code, at most 256
   * @param {Uint8Array} hidden 256 flags by code
   */
  setPalette(colours, hidden) {
    const gl = this.gl;
    const texels = new Uint8Array(256 * 4);
    colours.forEach((colour, code) => texels.set([...colour, hidden[code] ? 0 : 255], code * 4));
    gl.bindTexture(gl.TEXTURE_2D, this.paletteTexture ?? null);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  /**
   * @param {number} width device px
   * @param {number} height device px
   */
  resize(width, height) {
    // Either one empties the canvas and waits for the graphics process, even if nothing changes.
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  /** @param {Frame['theme']} theme */
  clear({ background: [red, green, blue] }) {
    const gl = this.gl;
    gl.clearColor(red, green, blue, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  }

  /** @param {Frame} frame */
  draw(frame) {
    const gl = this.gl;
    if (gl.isContextLost()) return;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    this.clear(frame.theme);
    this.drawLines(frame);
    const count = Math.min(frame.limit, this.order.length);
    if (!count) return;
    const hovered = frame.hovered < 0 ? -1 : this.order.indexOf(frame.hovered);
    if (drawsInSoftware() && frame.pointSize <= SPECK) {
      this.drawPoints(this.speckProgram, frame, 0, count, -1);
      if (hovered >= 0) this.drawPoints(this.pointProgram, frame, hovered, 1, hovered);
    } else {
      this.drawPoints(this.pointProgram, frame, 0, count, hovered);
    }
  }

  /** @param {Frame} frame */
  drawLines({ matrix, theme }) {
    const { gl, lineProgram } = this;
    if (!this.lineEnds || !lineProgram) return;
    gl.useProgram(lineProgram.handle);
    gl.uniformMatrix4fv(lineProgram.at('matrix'), false, matrix);
    gl.uniform4fv(lineProgram.at('colour'), [...theme.ink, LINE_OPACITY]);
    gl.bindVertexArray(this.lineLayout ?? null);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    gl.drawArrays(gl.LINES, 0, this.lineEnds);
    gl.depthMask(true);
    gl.disable(gl.BLEND);
  }

  /**
   * @param {Program | undefined} program
   * @param {Frame} frame
   * @param {number} first place in the order of drawing
   * @param {number} count of points
   * @param {number} hovered place of the point under the cursor, -1 for none
   */
  drawPoints(program, { matrix, pointSize, targetDepth, dimmed, theme }, first, count, hovered) {
    const { gl } = this;
    if (!program) return;
    gl.useProgram(program.handle);
    gl.uniformMatrix4fv(program.at('matrix'), false, matrix);
    gl.uniform1f(program.at('size'), pointSize);
    gl.uniform1f(program.at('targetDepth'), targetDepth);
    gl.uniform1i(program.at('dimmed'), Number(dimmed));
    gl.uniform1i(program.at('hovered'), hovered);
    gl.uniform3fv(program.at('background'), theme.background);
    gl.uniform3fv(program.at('ink'), theme.ink);
    gl.bindTexture(gl.TEXTURE_2D, this.paletteTexture ?? null);
    gl.bindVertexArray(this.pointLayout ?? null);
    // Smooth edges that do not depend on the order of the points, as blending would.
    gl.enable(gl.SAMPLE_ALPHA_TO_COVERAGE);
    gl.drawArrays(gl.POINTS, first, count);
    gl.disable(gl.SAMPLE_ALPHA_TO_COVERAGE);
  }

  /** Give the graphics memory back; the renderer is of no use afterwards. */
  dispose() {
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

/** @type {boolean | undefined} asked once: another context takes a while */
let software;

/** Whether the processor draws in place of a graphics card; smooth edges would cost it a second. */
function drawsInSoftware() {
  return (software ??= rendererIsSoftware());
}

function rendererIsSoftware() {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  const details = gl?.getExtension('WEBGL_debug_renderer_info');
  if (!gl || !details) return false;
  const name = String(gl.getParameter(details.UNMASKED_RENDERER_WEBGL));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|basic render/i.test(name);
}

class Program {
  /**
   * @param {WebGL2RenderingContext} gl
   * @param {string} vertexSource
   * @param {string} fragmentSource
   */
  constructor(gl, vertexSource, fragmentSource) {
    this.gl = gl;
    this.handle = gl.createProgram();
    for (const [type, source] of /** @type {const} */ ([
      [gl.VERTEX_SHADER, vertexSource],
      [gl.FRAGMENT_SHADER, fragmentSource],
    ])) {
      const shader = gl.createShader(type);
      if (!shader) continue; // a lost context gives null; it is set up again once restored
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.handle, shader);
    }
    gl.linkProgram(this.handle);
    if (!gl.getProgramParameter(this.handle, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`shader: ${gl.getProgramInfoLog(this.handle)}`);
    }
    /** @type {Map<string, WebGLUniformLocation | null>} */
    this.locations = new Map();
  }

  /** @param {string} name of a uniform */
  at(name) {
    const known = this.locations.get(name);
    if (known !== undefined) return known;
    const location = this.gl.getUniformLocation(this.handle, name);
    this.locations.set(name, location);
    return location;
  }
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {WebGLBuffer} buffer
 */
function floatTriples(gl, buffer) {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {number} location
 * @param {WebGLBuffer} buffer
 */
function bytes(gl, location, buffer) {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(location);
  gl.vertexAttribIPointer(location, 1, gl.UNSIGNED_BYTE, 0, 0);
}
