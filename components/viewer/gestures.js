// Mouse, pen and fingers on the picture: dragging, pinching, the wheel.

/** @typedef {import('./corners.js').Point} Point */

/**
 * What a drag does beside moving the picture; all positions are in the frame.
 * @typedef {{
 *   move: (at: Point) => void,
 *   end: (at: Point, moved: boolean) => void,
 *   cancel: () => void,
 * }} Drag
 */
/**
 * @typedef {{
 *   begin: (at: Point, event: PointerEvent) => Drag | null,
 *   hover: (at: Point) => void,
 *   pan: (dx: number, dy: number) => void,
 *   zoom: (factor: number, x: number, y: number) => void,
 * }} GestureHost
 * `begin` gives null where a drag moves the picture.
 */

const WHEEL_RATE = 0.0015;
const LINE_HEIGHT = 16;
const CLICK_TOLERANCE = 3;

export class Gestures {
  /**
   * @param {HTMLElement} stage
   * @param {GestureHost} host
   */
  constructor(stage, host) {
    this.stage = stage;
    this.host = host;
    /** @type {Map<number, Point>} fingers and buttons that are down */
    this.pointers = new Map();
    /** @type {Drag | null} */
    this.drag = null;
    /** @type {Point} */
    this.start = { x: 0, y: 0 };
    this.moved = false;
    this.spaceHeld = false;
    stage.addEventListener('wheel', (event) => this.#wheeled(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#move(event));
    stage.addEventListener('pointerup', (event) => this.#up(event));
    stage.addEventListener('pointercancel', (event) => this.#gone(event));
    stage.addEventListener('keydown', (event) => {
      if (event.key === ' ' && event.target === stage) {
        this.spaceHeld = true;
        event.preventDefault();
      }
    });
    stage.addEventListener('keyup', (event) => {
      if (event.key === ' ') this.spaceHeld = false;
    });
    stage.addEventListener('blur', () => {
      this.spaceHeld = false;
    });
  }

  /** Give up what is being drawn or moved. Returns whether there was anything. */
  cancel() {
    const had = this.drag !== null;
    this.drag?.cancel();
    this.drag = null;
    return had;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  position(event) {
    const frame = this.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  /** @param {WheelEvent} event */
  #wheeled(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
    const at = this.position(event);
    this.host.zoom(Math.exp(-event.deltaY * lines * WHEEL_RATE), at.x, at.y);
    // The picture has moved under what is being drawn.
    this.drag?.move(at);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button > 1 || event.target instanceof HTMLInputElement) return;
    const at = this.position(event);
    if (event.button === 1) event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size > 1) {
      this.cancel();
      return;
    }
    this.start = at;
    this.moved = false;
    const pans = event.button === 1 || this.spaceHeld;
    this.drag = pans ? null : this.host.begin(at, event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.position(event);
    const last = this.pointers.get(event.pointerId);
    if (!last) {
      this.host.hover(at);
      return;
    }
    if (this.pointers.size > 1) {
      this.#pinch(event.pointerId, at);
      return;
    }
    this.pointers.set(event.pointerId, at);
    this.moved ||= distance(at, this.start) > CLICK_TOLERANCE;
    if (!this.drag || this.spaceHeld) this.host.pan(at.x - last.x, at.y - last.y);
    else if (this.moved) this.drag.move(at);
  }

  /**
   * Two fingers: their middle moves the picture, their distance zooms it.
   * @param {number} pointer
   * @param {Point} at
   */
  #pinch(pointer, at) {
    const [a, b] = [...this.pointers.values()];
    this.pointers.set(pointer, at);
    const [c, d] = [...this.pointers.values()];
    this.host.pan((c.x + d.x - a.x - b.x) / 2, (c.y + d.y - a.y - b.y) / 2);
    const before = distance(a, b);
    if (before > 0) this.host.zoom(distance(c, d) / before, (c.x + d.x) / 2, (c.y + d.y) / 2);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.pointers.delete(event.pointerId);
    const { drag } = this;
    this.drag = null;
    drag?.end(this.position(event), this.moved);
  }

  /** @param {PointerEvent} event */
  #gone(event) {
    this.pointers.delete(event.pointerId);
    this.cancel();
  }
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
