// Key presses on their way to Python: each arrives once, in order, however fast they come.

/** @typedef {Record<string, unknown> & {stamp: number}} Press */

const REPEAT_MS = 5000;

export class Presses {
  /** @param {(presses: Press[]) => void} deliver */
  constructor(deliver) {
    this.deliver = deliver;
    /** Those that Python has not answered. @type {Press[]} */
    this.waiting = [];
    this.last = 0;
    this.timer = 0;
  }

  /** @param {Record<string, unknown>} what */
  add(what) {
    // Grows over reloads of the page too, which a counter would not.
    this.last = Math.max(Date.now(), this.last + 1);
    this.waiting.push({ ...what, stamp: this.last });
    this.#send();
  }

  /** @param {number} stamp Python has heard all up to this one */
  heard(stamp) {
    this.waiting = this.waiting.filter((press) => press.stamp > stamp);
    if (!this.waiting.length) this.stop();
  }

  /** Send again what waits, when the way to Python is a new one. */
  again() {
    if (this.waiting.length) this.#send();
  }

  /** Give up what waits. */
  forget() {
    this.waiting = [];
    this.stop();
  }

  stop() {
    clearTimeout(this.timer);
  }

  // Of two messages in quick succession only the last arrives, so each holds all that wait.
  #send() {
    this.deliver(this.waiting);
    this.stop();
    this.timer = Number(setTimeout(() => this.again(), REPEAT_MS));
  }
}
