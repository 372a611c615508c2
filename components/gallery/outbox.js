// When a selection goes to Python: a moment after the last change, and again where it got lost.

const SEND_MS = 200;
// Streamlit drops what a page was sent when another action cuts that run short.
const REPEAT_MS = 3000;

/** @typedef {'select' | 'open'} Kind */

/**
 * Every event carries the whole selection, so that one lost on the way does no harm.
 */
export class Outbox {
  /**
   * @param {(sequence: number, kind: Kind, index: number | null) => void} deliver the selection as
   *   it is now
   */
  constructor(deliver) {
    this.deliver = deliver;
    /** Number of the last event. */
    this.sequence = 0;
    this.returned = 0;
    this.unsent = false;
    this.sendTimer = 0;
    this.repeatTimer = 0;
  }

  /** @param {number} sequence the selection that Python has sent back last */
  heard(sequence) {
    this.returned = Math.max(this.returned, sequence);
  }

  /** The selection has changed. */
  soon() {
    this.unsent = true;
    clearTimeout(this.sendTimer);
    this.sendTimer = window.setTimeout(() => this.send('select', null), SEND_MS);
  }

  /** Send at once what has not been sent. */
  flush() {
    if (this.unsent) this.send('select', null);
  }

  /**
   * @param {Kind} kind
   * @param {number | null} index of an opened image
   */
  send(kind, index) {
    this.holdBack();
    this.sequence += 1;
    this.deliver(this.sequence, kind, index);
    // Only a page that sends selections back can be seen to have missed one.
    if (!this.returned) return;
    this.repeatTimer = window.setTimeout(() => {
      if (this.returned < this.sequence) this.deliver(this.sequence, 'select', null);
    }, REPEAT_MS);
  }

  /** Nothing of what was chosen so far is to be sent any more. */
  holdBack() {
    this.unsent = false;
    this.pause();
  }

  /** The view leaves the page. */
  pause() {
    clearTimeout(this.sendTimer);
    clearTimeout(this.repeatTimer);
  }

  /** The view is on the page again. */
  again() {
    if (this.unsent) this.soon();
  }
}
