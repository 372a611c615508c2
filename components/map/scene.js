// What is on the canvas: camera, renderer and theme, and questions about the screen.

import { Camera } from './camera.js';
import { CanvasRenderer } from './canvas_renderer.js';
import { classCentres } from './labels.js';
import { boxLines } from './guides.js';
import { pointsInPolygon } from './lasso.js';
import { borrowRenderer, offerRenderer, withdrawRenderer } from './lending.js';
import { boundsOf, dimmedPalette, pointSize } from './look.js';
import { visiblePoints } from './occlusion.js';
import { Pace } from './pace.js';
import { pickPoint } from './picking.js';
import { Pictures } from './pictures.js';
import { Renderer, WebGLMissing } from './renderer.js';
import { Spin } from './spin.js';
import { element } from '../shared/dom.js';
import { readTheme } from './theme.js';

/** @typedef {import('./types.js').MapData} MapData */

const PICK_REACH = 14;
const SPIN_STEP = 0.6;

export class Scene {
  /**
   * @param {import('./layout.js').Layout} layout
   * @param {import('./types.js').Cloud} cloud read at every frame
   * @param {(index: number) => string} addressOf the thumbnail of a point
   */
  constructor(layout, cloud, addressOf) {
    this.layout = layout;
    this.cloud = cloud;
    /** @type {MapData | null} */
    this.data = null;
    /** @type {Camera | null} */
    this.camera = null;
    /** Size of the stage, CSS px; 0 as long as the camera has not been fitted to it. */
    this.width = 0;
    this.height = 0;
    this.hovered = -1;
    this.selected = /** @type {Uint8Array} */ (new Uint8Array(0));
    this.anySelected = false;
    this.guides = true;
    this.spin = new Spin(() => this.rotate(-SPIN_STEP, 0));
    this.theme = { ink: [0, 0, 0], background: [1, 1, 1] };
    this.frame = 0;
    this.pace = new Pace(() => this.redraw());
    /** Called when the camera may have moved. */
    this.moves = () => {};
    /** The camera that the stage's first size is to show; null: one that shows every point. @type {number[] | null} */
    this.start = null;
    /** None before the map is on a page, and after another map took it. @type {Renderer | CanvasRenderer | null} */
    this.renderer = null;
    this.pictures = new Pictures(addressOf, () => this.redraw());
    layout.canvas.after(this.pictures.element);
  }

  /** The map is on a page. */
  attached() {
    withdrawRenderer(this);
    if (this.renderer) this.redraw(); // what was on the canvas may be gone
    else this.equip();
    this.spin.resume();
  }

  /** The map has left the page. */
  detached() {
    this.spin.pause();
    offerRenderer(this);
  }

  /** Take up a renderer: another map's that is not on the page, or a new one. */
  equip() {
    const { layout } = this;
    const borrowed = borrowRenderer();
    if (borrowed) layout.takeCanvas(borrowed.canvas);
    const { width, height } = layout.stage.getBoundingClientRect();
    const density = window.devicePixelRatio || 1;
    const size = /** @type {const} */ ([Math.round(width * density), Math.round(height * density)]);
    // Before there is a context: to change its size waits for all that it has to do.
    if (!borrowed) [layout.canvas.width, layout.canvas.height] = size;
    const renderer = borrowed ?? this.createRenderer();
    this.renderer = renderer;
    this.theme = readTheme(layout.root);
    renderer.resize(...size);
    if (borrowed) {
      borrowed.onRestored = () => this.upload(true);
      borrowed.clear(this.theme); // of the other map's points
    }
    this.upload(true);
  }

  /** @returns {Renderer | null} what draws this map, for another one to draw with */
  surrender() {
    const { renderer } = this;
    if (!(renderer instanceof Renderer) || renderer.gl.isContextLost()) return null;
    this.renderer = null;
    this.layout.takeCanvas(element('canvas'));
    return renderer;
  }

  /** @returns {Renderer | CanvasRenderer} the second where the browser has no WebGL2 */
  createRenderer() {
    try {
      return new Renderer(this.layout.canvas, () => this.upload(true));
    } catch (error) {
      if (error instanceof WebGLMissing) return new CanvasRenderer(this.layout.canvas);
      throw error;
    }
  }

  /**
   * @param {MapData} data
   * @param {boolean} isNew whether the points are others than before
   */
  show(data, isNew) {
    this.data = data;
    if (isNew) {
      // The same map with more or fewer points is looked at as before.
      const before = this.camera?.dim === data.dim && this.width ? this.camera.numbers() : null;
      this.start = this.camera ? before : data.link?.camera ?? null;
      this.camera = new Camera(data.dim, data.bounds);
      this.hovered = -1;
      this.width = 0;
      this.pictures.forget();
      // A first part of very many points shows at once, the rest when that is on the screen.
      this.pace.moved();
    }
    this.theme = readTheme(this.layout.root);
    this.upload(isNew);
    this.resize();
    if (this.frame) this.draw(); // in this task: the next frame is a wait
  }

  /**
   * Bring the graphics memory up to date.
   * @param {boolean} points whether the positions are to be sent
   */
  upload(points) {
    const { renderer, data, cloud } = this;
    if (!data || !renderer) return;
    if (points) {
      renderer.setPoints('positions', cloud.positions);
      renderer.setPoints('selected', this.selected);
      this.uploadGuides();
    }
    renderer.setPoints('codes', cloud.codes);
    this.nameClasses();
    this.uploadPalette();
  }

  /** The box around the points, if it is wanted. */
  uploadGuides() {
    const { data, guides } = this;
    const shown = guides && data?.dim === 3 && data.n;
    this.renderer?.setLines(shown ? boxLines(data.bounds) : new Float32Array(0));
    this.redraw();
  }

  toggleGuides() {
    this.guides = !this.guides;
    this.uploadGuides();
  }

  toggleLabels() {
    this.layout.labels.element.hidden = !this.layout.labels.element.hidden;
    this.nameClasses();
    this.redraw();
  }

  /** Put the names of the classes at their centres, if they are wanted. */
  nameClasses() {
    const { labels } = this.layout;
    if (this.data && !labels.element.hidden) labels.set(classCentres(this.cloud, this.data.legend.entries));
  }

  togglePictures() {
    this.pictures.toggle();
    this.redraw();
  }

  /** Show which classes are hidden now. */
  uploadPalette() {
    const { data, cloud, renderer, layout } = this;
    if (data) {
      const { palette, unseen } = dimmedPalette(data, cloud.hidden, layout.legend, this.theme.background);
      renderer?.setPalette(palette, unseen);
    }
    this.redraw();
  }

  /** @param {Uint8Array} selected one byte a point */
  setSelected(selected) {
    if (selected === this.selected) return;
    this.selected = selected;
    this.anySelected = selected.includes(1);
    this.renderer?.setPoints('selected', selected);
    this.redraw();
  }

  /** Follow the size of the stage. */
  resize() {
    const { width, height } = this.layout.stage.getBoundingClientRect();
    if (!width || !height || !this.camera) return;
    const density = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && density === this.pictures.density) return;
    const first = !this.width;
    [this.width, this.height] = [width, height];
    if (first) {
      this.camera.fit(width, height);
      if (this.start) this.camera.take(this.start);
    }
    this.renderer?.resize(Math.round(width * density), Math.round(height * density));
    this.pictures.resize(width, height, density);
    this.draw(); // at once: resizing has emptied the canvas
  }

  /** Draw with the next frame. */
  redraw() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /** Draw after the camera has moved: fewer points while it goes on moving. */
  moved() {
    this.pace.moved();
    this.redraw();
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { camera, data, renderer } = this;
    if (!camera || !data || !renderer || !this.width) return;
    const inDepth = camera.dim === 3;
    this.layout.compass.update(inDepth && data.n ? camera.viewMatrix() : null);
    const sight = this.sight(camera);
    this.layout.labels.place(sight.matrix, this.width, this.height, this.cloud.hidden);
    const look = { hovered: this.hovered, dimmed: this.anySelected, theme: this.theme };
    this.moves();
    renderer.draw({
      ...look,
      matrix: sight.matrix,
      pointSize: this.pointSize() * (window.devicePixelRatio || 1),
      targetDepth: sight.targetDepth,
      limit: this.pace.points(data.n, performance.now()),
    });
    const { selected } = this;
    this.pictures.draw(sight, { ...look, selected, palette: data.palette }, this.pace.moving);
  }

  /** Come near to what is selected, or to all if nothing is. */
  lookAtSelection() {
    const box = boundsOf(this.cloud.positions, this.selected);
    if (!box) this.fit();
    else this.camera?.lookAt(box, this.width, this.height);
    this.redraw();
  }

  /** @param {'front' | 'side' | 'top'} from */
  face(from) {
    if (this.camera?.dim === 3) this.camera.face(from);
    this.redraw();
  }

  /** Turn slowly until it is asked for again; meanwhile the map may leave the page and come back. */
  toggleSpin() {
    this.spin.set(!this.spin.on && this.camera?.dim === 3);
  }

  /** @returns {Promise<Blob | null>} the map as it is drawn now, PNG */
  picture() {
    this.draw(); // what was drawn before this task is gone from the canvas
    const { canvas } = this.layout;
    const copy = element('canvas', { width: String(canvas.width), height: String(canvas.height) });
    const context = copy.getContext('2d');
    context?.drawImage(canvas, 0, 0);
    context?.drawImage(this.pictures.element, 0, 0);
    return new Promise((resolve) => copy.toBlob(resolve));
  }

  /** Show every point. */
  fit() {
    this.camera?.fit(this.width, this.height);
    this.redraw();
  }

  /**
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   */
  rotate(dx, dy) {
    this.camera?.rotate(dx, dy);
    this.moved();
  }

  /**
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   */
  pan(dx, dy) {
    this.camera?.pan(dx, dy, this.height);
    this.moved();
  }

  /**
   * @param {number} factor below 1 zooms in
   * @param {import('./gestures.js').Position} [cursor] the middle if none is given
   */
  zoom(factor, cursor = { x: this.width / 2, y: this.height / 2 }) {
    this.camera?.zoom(factor, cursor, this.width, this.height);
    this.moved();
  }

  /**
   * @param {import('./gestures.js').Position} cursor
   * @returns {number} index of the point under the cursor, -1 for none
   */
  pointAt(cursor) {
    if (!this.camera) return -1;
    const picture = this.pictures.at(cursor);
    if (picture >= 0) return picture;
    return pickPoint(this.sight(this.camera), cursor, PICK_REACH, this.pointSize());
  }

  /**
   * @param {number[]} polygon CSS px
   * @param {boolean} visibleOnly leave out points that nearer ones cover
   * @returns {Uint8Array} one byte a point, 1 = shown inside the polygon
   */
  enclosed(polygon, visibleOnly) {
    const { camera, cloud, width, height } = this;
    if (!camera) return new Uint8Array(cloud.codes.length);
    const sight = this.sight(camera);
    const mask = pointsInPolygon(cloud, sight.matrix, width, height, polygon);
    // On a flat map no point is nearer than another.
    if (!visibleOnly || camera.dim === 2) return mask;
    const seen = visiblePoints(sight, this.pointSize());
    this.pictures.cover(sight, seen);
    for (let i = 0; i < mask.length; i++) mask[i] &= seen[i];
    return mask;
  }

  /**
   * @param {Camera} camera
   * @returns {import('./types.js').Sight}
   */
  sight(camera) {
    const { cloud, width, height } = this;
    const targetDepth = camera.dim === 3 ? camera.distance : 0;
    return { cloud, matrix: camera.matrix(width, height), width, height, targetDepth };
  }

  /** Give the memory back; the scene is of no use afterwards. */
  dispose() {
    withdrawRenderer(this);
    this.spin.pause();
    this.renderer?.dispose();
    this.pictures.dispose();
  }

  /** Diameter of a point at the distance of the camera's target, CSS px. */
  pointSize() {
    return pointSize(this.cloud.codes.length, this.camera?.magnification() ?? 1);
  }
}
