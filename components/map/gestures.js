// Mouse, pen and fingers on the stage become navigation, drawn shapes, clicks and hovering.

import { rectanglePolygon } from './lasso.js';

/** @typedef {{x: number, y: number}} Position CSS px from the stage's top left corner */
/** @typedef {import('./lasso.js').SelectionMode} SelectionMode */

/**
 * What the gestures act on.
 * @typedef {object} GestureHost
 * @property {() => {tool: import('./types.js').Tool, mode: SelectionMode, dim: 2 | 3}} settings
 * @property {(dx: number, dy: number) => void} rotate
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, cursor: Position) => void} zoom
 * @property {(polygon: number[] | null, mode: SelectionMode) => void} previewShape null: given up
 * @property {(polygon: number[], mode: SelectionMode) => void} finishShape
 * @property {(cursor: Position, mode: SelectionMode) => void} click
 * @property {(cursor: Position) => void} open
 * @property {(cursor: Position | null) => void} hover
 */

/**
 * @typedef {object} Drag
 * @property {'rotate' | 'pan' | 'lasso' | 'rectangle'} kind
 * @property {Position} start
 * @property {Position} last
 * @property {boolean} moved
 * @property {number[]} polygon
 */

// CSS px that a click may move: a finger rolls where a mouse stands still.
const CLICK_TOLERANCE = { mouse: 4, touch: 12 };
const WHEEL_SPEED = 0.0012;
// Firefox reports wheel movement in lines.
const LINE_HEIGHT = 20;

export class Gestures {
  /**
   * @param {HTMLElement} stage
   * @param {GestureHost} host
   */
  constructor(stage, host) {
    this.stage = stage;
    this.host = host;
    /** @type {Map<number, Position>} */
    this.pointers = new Map();
    /** @type {Drag | null} */
    this.drag = null;
    this.spaceHeld = false;
    stage.addEventListener('pointerdown', (event) => this.down(event));
    stage.addEventListener('pointermove', (event) => this.move(event));
    stage.addEventListener('pointerup', (event) => this.up(event));
    stage.addEventListener('pointercancel', (event) => this.cancelPointer(event));
    stage.addEventListener('pointerleave', (event) => {
      if (event.pointerType !== 'touch') host.hover(null);
    });
    stage.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    stage.addEventListener('dblclick', (event) => host.open(this.position(event)));
    stage.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /** Whether a shape is being drawn. */
  get drawing() {
    return this.drag?.kind === 'lasso' || this.drag?.kind === 'rectangle';
  }

  /** Give up the shape being drawn. */
  cancel() {
    if (this.drawing) this.host.previewShape(null, this.host.settings().mode);
    this.drag = null;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Position}
   */
  position(event) {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /**
   * A held key goes before the toolbar's mode.
   * @param {{shiftKey: boolean, altKey: boolean}} event
   * @returns {SelectionMode}
   */
  mode(event) {
    if (event.altKey) return event.shiftKey ? 'intersect' : 'remove';
    return event.shiftKey ? 'add' : this.host.settings().mode;
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.stage.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    const position = this.position(event);
    this.pointers.set(event.pointerId, position);
    this.host.hover(null);
    if (this.pointers.size > 1) {
      this.cancel();
      return;
    }
    const { x, y } = position;
    const kind = this.dragKind(event);
    this.drag = { kind, start: position, last: position, moved: false, polygon: [x, y] };
  }

  /**
   * @param {PointerEvent} event
   * @returns {Drag['kind']}
   */
  dragKind(event) {
    const { tool, dim } = this.host.settings();
    if (event.button !== 0 || this.spaceHeld) return 'pan';
    if (tool !== 'navigate') return tool;
    if (event.shiftKey || event.altKey) return 'lasso';
    return dim === 3 ? 'rotate' : 'pan';
  }

  /** @param {PointerEvent} event */
  move(event) {
    const position = this.position(event);
    if (this.pointers.size > 1) {
      this.pinch(event.pointerId, position);
      return;
    }
    const drag = this.drag;
    if (!drag) {
      // A finger that is left of two points at nothing.
      if (event.pointerType !== 'touch') this.host.hover(position);
      return;
    }
    const [dx, dy] = [position.x - drag.last.x, position.y - drag.last.y];
    const tolerance = event.pointerType === 'touch' ? CLICK_TOLERANCE.touch : CLICK_TOLERANCE.mouse;
    drag.moved ||= distance(position, drag.start) > tolerance;
    drag.last = position;
    // A tap does not turn the map.
    if (!drag.moved && !this.drawing && event.pointerType === 'touch') return;
    if (drag.kind === 'rotate') this.host.rotate(dx, dy);
    else if (drag.kind === 'pan') this.host.pan(dx, dy);
    else this.draw(drag, event);
  }

  /**
   * @param {Drag} drag
   * @param {PointerEvent} event
   */
  draw(drag, event) {
    if (drag.kind === 'rectangle') {
      drag.polygon = rectanglePolygon(drag.start, drag.last);
    } else {
      // The positions between two frames, for a smooth line.
      const steps = event.getCoalescedEvents();
      for (const step of steps.length ? steps : [event]) {
        const { x, y } = this.position(step);
        drag.polygon.push(x, y);
      }
    }
    this.host.previewShape(drag.polygon, this.mode(event));
  }

  /**
   * Two fingers: their middle pans, their distance zooms.
   * @param {number} pointer
   * @param {Position} position
   */
  pinch(pointer, position) {
    const before = [...this.pointers.values()];
    this.pointers.set(pointer, position);
    const after = [...this.pointers.values()];
    const [from, to] = [middle(before[0], before[1]), middle(after[0], after[1])];
    this.host.pan(to.x - from.x, to.y - from.y);
    const spread = distance(after[0], after[1]);
    if (spread > 0) this.host.zoom(distance(before[0], before[1]) / spread, to);
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.pointers.delete(event.pointerId);
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    const mode = this.mode(event);
    if (drag.moved && (drag.kind === 'lasso' || drag.kind === 'rectangle')) {
      this.host.finishShape(drag.polygon, mode);
      return;
    }
    this.host.previewShape(null, mode);
    if (drag.moved || event.button !== 0) return;
    this.host.click(this.position(event), mode);
    // A finger cannot hover; what it taps is shown.
    if (event.pointerType === 'touch') this.host.hover(this.position(event));
  }

  /** @param {PointerEvent} event */
  cancelPointer(event) {
    this.pointers.delete(event.pointerId);
    this.cancel();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_HEIGHT : event.deltaY;
    this.host.zoom(Math.exp(pixels * WHEEL_SPEED), this.position(event));
  }
}

/**
 * @param {Position} a
 * @param {Position} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * @param {Position} a
 * @param {Position} b
 */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
