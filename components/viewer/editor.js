// Drawing, moving, resizing, naming and deleting boxes, by mouse, finger and keyboard.

import { fill } from '../shared/dom.js';
import { ClassInput } from './class_input.js';
import { hit, moved, resized, spanned } from './corners.js';
import { SaveQueue } from './saving.js';
import { boxInFrame } from './transform.js';

/** @typedef {import('./boxes.js').Box} Box */
/** @typedef {import('./boxes.js').ShownBox} ShownBox */
/** @typedef {import('./corners.js').Corners} Corners */
/** @typedef {import('./corners.js').Point} Point */
/** @typedef {import('./gestures.js').Drag} Drag */
/** @typedef {import('./saving.js').DrawnBox} DrawnBox */
/** @typedef {import('./transform.js').Size} Size */

/**
 * The view that the editor works in.
 * @typedef {{
 *   readonly picture: Size, readonly frame: Size,
 *   readonly transform: import('./transform.js').Transform,
 *   stage: HTMLElement,
 *   texts: Record<string, string>,
 *   changed: () => void,
 *   send: (change: import('./saving.js').Change) => void,
 *   reveal: (box: Corners) => void,
 * }} EditorHost
 */

const MOUSE_REACH = 6;
const FINGER_REACH = 16;
// A run of key presses is one change.
const NUDGE_PAUSE = 700;
const RESEND_AFTER = 10_000;

export class BoxEditor {
  /** @param {EditorHost} host */
  constructor(host) {
    this.host = host;
    this.on = false;
    this.input = new ClassInput();
    this.queue = this.#newQueue();
    /** @type {Box[]} what the model found */
    this.found = [];
    /** @type {string[]} */
    this.classes = [];
    this.lastLabel = '';
    /** @type {number | null} */
    this.selected = null;
    /** @type {{index: number, box: Corners} | null} a box while it is dragged */
    this.preview = null;
    /** @type {Corners | null} a box that is drawn or has no class yet */
    this.draft = null;
    /** @type {DrawnBox[] | null} moved by keys and not saved yet */
    this.nudged = null;
    this.nudgeTimer = 0;
    this.resendTimer = 0;
  }

  #newQueue() {
    return new SaveQueue(null, (change) => this.host.send(change));
  }

  /**
   * The boxes to work on: those of people, before the first change the model's.
   * @returns {DrawnBox[]}
   */
  get boxes() {
    return this.nudged ?? this.queue.current ?? this.found.map(({ label, box }) => ({ label, box }));
  }

  /** Whether people have said which boxes there are. */
  get taken() {
    return this.nudged !== null || this.queue.current !== null;
  }

  /** Another picture: what belongs to the last one is over. */
  open() {
    this.flush();
    this.input.cancel();
    this.queue = this.#newQueue();
    [this.selected, this.preview, this.draft] = [null, null, null];
  }

  /**
   * What Python says of this picture.
   * @param {{boxes: Box[], drawn: DrawnBox[] | null, classes: string[],
   *   answer: import('./saving.js').Answer}} said
   */
  heard({ boxes, drawn, classes, answer }) {
    this.found = boxes;
    this.classes = classes;
    const refused = this.queue.heard(drawn, answer);
    if (!this.queue.busy) clearInterval(this.resendTimer);
    if (refused) {
      this.#forgetNudges();
      this.preview = null;
    }
    if (refused || (this.selected ?? 0) >= this.boxes.length) this.selected = null;
  }

  /** @param {boolean} on */
  turn(on) {
    if (this.on && !on) {
      this.input.settle();
      this.flush();
      this.select(null);
    }
    this.on = on;
    this.host.changed();
  }

  /**
   * What is on the picture now, the boxes that can be edited first.
   * @param {boolean} modelShown whether the model's boxes stay beside those of people
   * @returns {ShownBox[]}
   */
  shown(modelShown) {
    const { preview } = this;
    const kind = this.taken ? 'drawn' : 'model';
    const confidence = (/** @type {number} */ index) => (
      this.taken ? null : this.found[index].confidence
    );
    /** @type {ShownBox[]} */
    const shown = this.boxes.map(({ label, box }, index) => ({
      label, kind, confidence: confidence(index), box: preview?.index === index ? preview.box : box,
    }));
    if (this.taken && modelShown) {
      shown.push(...this.found.map((box) => ({ ...box, kind: /** @type {const} */ ('model') })));
    }
    if (this.draft) shown.push({ label: '', confidence: null, box: this.draft, kind: 'draft' });
    return shown;
  }

  // Pointer

  /**
   * A drag begins: on a box it changes it, beside it draws one.
   * @param {Point} at in the frame
   * @param {PointerEvent} event
   * @returns {Drag | null}
   */
  begin(at, event) {
    this.input.settle();
    this.flush();
    const found = this.#hit(at, event.pointerType === 'touch' ? FINGER_REACH : MOUSE_REACH);
    const inside = found?.part === 'inside' && found.index !== this.selected;
    if (!found || inside || event.shiftKey) return this.#drawing(at, found?.index ?? null);
    return this.#changing(found, at);
  }

  /** @param {Point} at */
  hover(at) {
    const found = this.#hit(at, MOUSE_REACH);
    let cursor = 'crosshair';
    if (found && (found.part !== 'inside' || found.index === this.selected)) {
      const side = found.part === 'inside' || found.part === 'edge' ? '' : found.part;
      cursor = side ? `${side}-resize` : 'move';
    }
    this.host.stage.style.cursor = cursor;
  }

  /**
   * @param {Point} start
   * @param {number | null} under the box that a click selects
   * @returns {Drag}
   */
  #drawing(start, under) {
    // In the picture, so that it stays there when the picture is zoomed or moved meanwhile.
    const from = this.#share(start);
    return {
      move: (at) => {
        this.draft = spanned(from, this.#share(at));
        this.host.changed();
      },
      end: (at, wasMoved) => {
        const box = wasMoved ? spanned(from, this.#share(at)) : null;
        this.draft = null;
        if (box) this.#name(box);
        else this.select(under);
      },
      cancel: () => {
        this.draft = null;
        this.host.changed();
      },
    };
  }

  /**
   * @param {import('./corners.js').Hit} found
   * @param {Point} start
   * @returns {Drag}
   */
  #changing({ index, part }, start) {
    this.select(index);
    const { box } = this.boxes[index];
    const from = this.#share(start);
    const place = (/** @type {Point} */ at) => {
      const to = this.#share(at);
      if (part === 'edge' || part === 'inside') return moved(box, to.x - from.x, to.y - from.y);
      return resized(box, part, to, this.pixel());
    };
    return {
      move: (at) => {
        this.preview = { index, box: place(at) };
        this.host.changed();
      },
      end: (at, wasMoved) => {
        this.preview = null;
        if (wasMoved) this.#replace(index, { box: place(at) });
        this.host.changed();
      },
      cancel: () => {
        this.preview = null;
        this.host.changed();
      },
    };
  }

  /**
   * @param {Point} at
   * @param {number} reach
   */
  #hit(at, reach) {
    const { transform, picture } = this.host;
    const placed = this.boxes.map(({ box }) => boxInFrame(box, transform, picture));
    return hit(placed, this.selected, at, reach);
  }

  /**
   * @param {Point} at in the frame
   * @returns {Point} share of the picture, which may lie beyond it
   */
  #share({ x, y }) {
    const { transform, picture } = this.host;
    return {
      x: (x - transform.x) / (picture.width * transform.scale),
      y: (y - transform.y) / (picture.height * transform.scale),
    };
  }

  /** @returns {Point} one pixel of the picture as a share of it */
  pixel() {
    const { width, height } = this.host.picture;
    return { x: 1 / width, y: 1 / height };
  }

  // Changes

  /**
   * A key moves the selected box, or its lower right corner alone; saved when no key follows.
   * @param {number} right pixels of the picture
   * @param {number} down
   * @param {boolean} resizes
   */
  nudge(right, down, resizes) {
    if (this.selected === null) return;
    const pixel = this.pixel();
    const { box } = this.boxes[this.selected];
    const to = { x: box[2] + right * pixel.x, y: box[3] + down * pixel.y };
    const placed = resizes
      ? resized(box, 'se', { x: Math.max(to.x, box[0]), y: Math.max(to.y, box[1]) }, pixel)
      : moved(box, right * pixel.x, down * pixel.y);
    this.nudged = this.boxes.with(this.selected, { ...this.boxes[this.selected], box: placed });
    clearTimeout(this.nudgeTimer);
    this.nudgeTimer = setTimeout(() => this.flush(), NUDGE_PAUSE);
    this.host.changed();
  }

  /** Save what keys have moved. */
  flush() {
    const { nudged } = this;
    this.#forgetNudges();
    if (nudged) this.#save(nudged);
  }

  #forgetNudges() {
    clearTimeout(this.nudgeTimer);
    this.nudged = null;
  }

  /** A box in the middle of what is seen, for whoever has no pointer. */
  addInView() {
    const { frame } = this.host;
    const corner = this.#share({ x: frame.width * 0.375, y: frame.height * 0.375 });
    const box = spanned(corner, this.#share({ x: frame.width * 0.625, y: frame.height * 0.625 }));
    if (box) this.#name(box);
  }

  /** Delete the selected box. */
  remove() {
    if (this.selected === null) return;
    this.flush();
    const left = this.boxes.toSpliced(this.selected, 1);
    // The next one, as in a list.
    this.selected = left.length ? Math.min(this.selected, left.length - 1) : null;
    this.#save(left);
  }

  /** Ask for another class of the selected box. */
  rename() {
    const index = this.selected;
    if (index === null) return;
    this.flush();
    const { label, box } = this.boxes[index];
    this.#ask(label, box, (wanted) => {
      if (wanted && wanted !== label) this.#replace(index, { label: wanted });
    });
  }

  /**
   * Say which boxes there are as a whole: the model's, none, or that nobody knows.
   * @param {'take' | 'none' | 'back'} what
   */
  say(what) {
    this.#forgetNudges();
    this.selected = null;
    if (what === 'back') this.#save(null);
    else this.#save(what === 'none' ? [] : this.boxes);
  }

  /** @param {Corners} box a new one, which gets a class or goes again */
  #name(box) {
    this.draft = box;
    this.#ask(this.lastLabel, box, (label) => {
      this.draft = null;
      if (!label) return;
      this.selected = this.boxes.length;
      this.#save([...this.boxes, { label, box }]);
    });
  }

  /**
   * @param {string} label
   * @param {Corners} box
   * @param {(label: string | null) => void} then
   */
  #ask(label, box, then) {
    const { host } = this;
    const answer = (/** @type {string | null} */ wanted) => {
      this.lastLabel = wanted ?? this.lastLabel;
      then(wanted);
      host.changed();
      host.stage.focus({ preventScroll: true });
    };
    this.input.ask({ classes: this.classes, label, name: host.texts.class_of_box, answer });
    host.changed();
    this.input.place(boxInFrame(box, host.transform, host.picture), host.frame);
  }

  /**
   * @param {number} index
   * @param {Partial<DrawnBox>} change
   */
  #replace(index, change) {
    this.#save(this.boxes.with(index, { ...this.boxes[index], ...change }));
  }

  /** @param {DrawnBox[] | null} boxes */
  #save(boxes) {
    this.queue.save(boxes);
    clearInterval(this.resendTimer);
    this.resendTimer = setInterval(() => this.queue.again(), RESEND_AFTER);
    this.host.changed();
  }

  /** @param {number | null} index */
  select(index) {
    if (index !== this.selected) this.flush();
    this.selected = index;
    this.host.changed();
  }

  /** What a screen reader says of the selection. */
  get spoken() {
    const { texts } = this.host;
    if (!this.on || this.selected === null) return '';
    const { label } = this.boxes[this.selected];
    return fill(texts.box_spoken, { n: this.selected + 1, total: this.boxes.length, label });
  }
}
