// Changes of a picture's boxes on their way to Python, one after the other.
//
// Streamlit keeps only the last of two triggers that reach it together, so the next change waits
// until Python has answered for the one before. Each change says which boxes its editor had seen.

/** @typedef {import('./corners.js').Corners} Corners */
/** @typedef {{label: string, box: Corners}} DrawnBox */
/** @typedef {DrawnBox[] | null} Boxes  null: nobody said which there are */
/** @typedef {{token: string, boxes: Boxes, seen: Boxes}} Change */
/** @typedef {{token: string, saved: boolean} | null} Answer */

export class SaveQueue {
  /**
   * @param {Boxes} known what Python has
   * @param {(change: Change) => void} send
   * @param {() => string} newToken
   */
  constructor(known, send, newToken = randomToken) {
    this.known = known;
    this.send = send;
    this.newToken = newToken;
    /** @type {Change | null} */
    this.underway = null;
    /** @type {Boxes[]} */
    this.waiting = [];
    /** @type {(() => void)[]} */
    this.afterwards = [];
  }

  /** The boxes as the person who edits has them. */
  get current() {
    if (this.waiting.length) return this.waiting[this.waiting.length - 1];
    return this.underway ? this.underway.boxes : this.known;
  }

  get busy() {
    return this.underway !== null;
  }

  /** @param {Boxes} boxes */
  save(boxes) {
    this.waiting.push(boxes);
    this.#next();
  }

  /**
   * Python's page has run.
   * @param {Boxes} known the boxes it has now
   * @param {Answer} answer to the last change that reached it
   * @returns {boolean} whether a change was refused; those that waited behind it are given up
   */
  heard(known, answer) {
    if (this.underway && answer?.token !== this.underway.token) return false;
    const refused = this.underway !== null && answer?.saved === false;
    this.known = known;
    this.underway = null;
    if (refused) this.waiting = [];
    this.#next();
    return refused;
  }

  /** Send the change that is underway again: its first way may have ended in a lost connection. */
  again() {
    if (this.underway) this.send(this.underway);
  }

  /**
   * Do something that must not overtake a change.
   * @param {() => void} act
   */
  whenIdle(act) {
    if (this.underway) this.afterwards.push(act);
    else act();
  }

  #next() {
    if (this.underway) return;
    const boxes = this.waiting.shift();
    if (boxes !== undefined) {
      this.underway = { token: this.newToken(), boxes, seen: this.known };
      this.send(this.underway);
      return;
    }
    for (const act of this.afterwards.splice(0)) act();
  }
}

// `crypto.randomUUID` is missing where a page came without TLS from another machine.
function randomToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
