// How many points a frame may hold while the map moves, learnt from how long frames take here.

const FIRST_BUDGET = 150_000;
const LEAST_BUDGET = 20_000;
const WANTED_MS = 50;
/** A longer gap is a pause of the hand, not a slow frame. */
const PAUSE_MS = 800;
const SETTLE_MS = 160;

export class Pace {
  /** @param {() => void} onSettled called when the movement has ended and all is to be drawn */
  constructor(onSettled) {
    this.onSettled = onSettled;
    this.budget = FIRST_BUDGET;
    this.moving = false;
    this.lastFrame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** The camera has moved, and may go on doing so. */
  moved() {
    if (!this.moving) this.lastFrame = 0;
    this.moving = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.moving = false;
      this.onSettled();
    }, SETTLE_MS);
  }

  /**
   * A frame begins.
   * @param {number} n number of points there are
   * @param {number} now ms
   * @returns {number} how many of them to draw
   */
  points(n, now) {
    if (!this.moving) return n;
    const took = now - this.lastFrame;
    if (this.lastFrame && took < PAUSE_MS) {
      const change = Math.max(0.5, Math.min(1.5, WANTED_MS / Math.max(took, 1)));
      this.budget = Math.max(LEAST_BUDGET, Math.min(n, this.budget * change));
    }
    this.lastFrame = now;
    return Math.min(n, Math.round(this.budget));
  }
}
