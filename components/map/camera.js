// Where the map is looked at from: an orbiting perspective camera in 3D, a sheet from above in 2D.

import { lookAt, multiply, orthographic, perspective } from './projection.js';

/** @typedef {import('./projection.js').Vector} Vector */

const UP = /** @type {Vector} */ ([0, 0, 1]);
const FIELD_OF_VIEW = (45 * Math.PI) / 180;
const RADIANS_PER_PIXEL = 0.008;
// Straight above or below, "up" would have no direction on the screen.
const STEEPEST = 1.55;
const MARGIN = 1.08;

export class Camera {
  /**
   * @param {2 | 3} dim
   * @param {import('./types.js').Bounds} bounds of the points
   */
  constructor(dim, bounds) {
    this.dim = dim;
    this.bounds = bounds;
    this.azimuth = 0.7;
    this.elevation = 0.45;
    /** @type {Vector} */
    this.target = [0, 0, 0];
    /** 3D: from eye to target; 2D: half the height that the screen shows. World units. */
    this.distance = 1;
    this.radius = Math.max(Math.hypot(...halfSize(bounds)), 1e-6);
  }

  /** @returns {number[]} azimuth, elevation, target x, y, z and distance: all that tells one from another */
  numbers() {
    // Whole turns look the same.
    const azimuth = this.azimuth - 2 * Math.PI * Math.round(this.azimuth / (2 * Math.PI));
    return [azimuth, this.elevation, ...this.target, this.distance];
  }

  /** @param {number[]} numbers as `numbers` gives them, of any camera or address */
  take(numbers) {
    const [azimuth, elevation, x, y, z, distance] = numbers;
    this.azimuth = azimuth;
    this.elevation = Math.max(-STEEPEST, Math.min(STEEPEST, elevation));
    this.target = [x, y, z];
    this.distance = Math.max(this.radius * 1e-3, Math.min(this.radius * 1e3, distance));
  }

  /**
   * Show every point, keeping the direction of view.
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  fit(width, height) {
    this.lookAt(this.bounds, width, height);
    this.fitted = this.distance;
  }

  /**
   * Show a box, keeping the direction of view.
   * @param {import('./types.js').Bounds} box
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  lookAt(box, width, height) {
    const { low, high } = box;
    this.target = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
    const aspect = width / height;
    if (this.dim === 2) {
      const [halfWidth, halfHeight] = halfSize(box);
      this.distance = MARGIN * Math.max(halfHeight, halfWidth / aspect, this.radius * 1e-3);
    } else {
      const narrow = Math.atan(Math.tan(FIELD_OF_VIEW / 2) * Math.min(1, aspect));
      this.distance = (0.95 * MARGIN * Math.max(Math.hypot(...halfSize(box)), this.radius * 1e-2)) / Math.sin(narrow);
    }
  }

  /**
   * Look along an axis; nothing on a flat map.
   * @param {'front' | 'side' | 'top'} from
   */
  face(from) {
    this.azimuth = from === 'side' ? 0 : -Math.PI / 2;
    this.elevation = from === 'top' ? STEEPEST : 0;
  }

  /** @returns {Vector} */
  eye() {
    const level = this.distance * Math.cos(this.elevation);
    return [
      this.target[0] + level * Math.cos(this.azimuth),
      this.target[1] + level * Math.sin(this.azimuth),
      this.target[2] + this.distance * Math.sin(this.elevation),
    ];
  }

  /** World to camera. */
  viewMatrix() {
    return lookAt(this.eye(), this.target, UP);
  }

  /**
   * World to clip space.
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  matrix(width, height) {
    const aspect = width / height;
    if (this.dim === 2) {
      return orthographic(this.target[0], this.target[1], this.distance * aspect, this.distance);
    }
    const { near, far } = this.depthRange();
    return multiply(perspective(FIELD_OF_VIEW, aspect, near, far), this.viewMatrix());
  }

  depthRange() {
    return { near: this.distance * 0.01, far: this.distance + this.radius * 20 };
  }

  /** How much closer than at the last fit: 1 there, 2 at half the distance. */
  magnification() {
    return (this.fitted ?? this.distance) / this.distance;
  }

  /**
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   */
  rotate(dx, dy) {
    this.azimuth -= dx * RADIANS_PER_PIXEL;
    const elevation = this.elevation + dy * RADIANS_PER_PIXEL;
    this.elevation = Math.max(-STEEPEST, Math.min(STEEPEST, elevation));
  }

  /**
   * Move so that the plane through the target follows the cursor.
   * @param {number} dx CSS px
   * @param {number} dy CSS px
   * @param {number} height of the screen, CSS px
   */
  pan(dx, dy, height) {
    const scale = this.worldPerPixel(height);
    this.shift(-dx * scale, dy * scale);
  }

  /**
   * Zoom towards the cursor: what lies under it in the plane of the target stays there.
   * @param {number} factor below 1 zooms in
   * @param {{x: number, y: number}} cursor CSS px
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  zoom(factor, cursor, width, height) {
    const distance = Math.max(this.radius * 1e-3, Math.min(this.radius * 30, this.distance * factor));
    const scale = this.worldPerPixel(height) * (1 - distance / this.distance);
    this.shift((cursor.x - width / 2) * scale, (height / 2 - cursor.y) * scale);
    this.distance = distance;
  }

  /**
   * World units that one CSS pixel covers in the plane of the target.
   * @param {number} height CSS px
   */
  worldPerPixel(height) {
    const half = this.dim === 2 ? this.distance : this.distance * Math.tan(FIELD_OF_VIEW / 2);
    return (2 * half) / height;
  }

  /**
   * Move the target within the plane of the screen.
   * @param {number} right world units
   * @param {number} top world units
   */
  shift(right, top) {
    if (this.dim === 2) {
      this.target[0] += right;
      this.target[1] += top;
      return;
    }
    const view = this.viewMatrix();
    for (let axis = 0; axis < 3; axis++) {
      this.target[axis] += right * view[axis * 4] + top * view[axis * 4 + 1];
    }
  }

  /**
   * All that is needed to compute the projection elsewhere.
   * @param {number} width CSS px
   * @param {number} height CSS px
   */
  state(width, height) {
    return {
      dim: this.dim,
      eye: this.dim === 3 ? this.eye() : null,
      target: [...this.target],
      dist: this.distance,
      fov: FIELD_OF_VIEW,
      w: width,
      h: height,
      ...this.depthRange(),
    };
  }
}

/**
 * @param {import('./types.js').Bounds} bounds
 * @returns {Vector}
 */
function halfSize({ low, high }) {
  return [(high[0] - low[0]) / 2, (high[1] - low[1]) / 2, (high[2] - low[2]) / 2];
}
