// The camera that turns by itself.

export class Spin {
  /** @param {() => void} turn by a small step */
  constructor(turn) {
    this.turn = turn;
    this.on = false;
    this.frame = 0;
  }

  /** @param {boolean} on */
  set(on) {
    this.on = on;
    if (on) this.resume();
    else this.pause();
  }

  /** Go on, if it is on: the map is on a page again. */
  resume() {
    this.pause();
    if (this.on) this.frame = requestAnimationFrame(() => this.step());
  }

  /** Hold, but stay on: the map leaves the page. */
  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  step() {
    this.turn();
    this.resume();
  }
}
