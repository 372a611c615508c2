// Asking the server while someone types: one question at a time, the latest text wins.

const PAUSE_MS = 90;

/**
 * @typedef {{column: number, length: number, message: string, hint: string}} Wrong
 * @typedef {{options: unknown, error: Wrong | null}} Answer
 * @typedef {{text: string, cursor: number, tags_only: boolean, language: string}} Question
 */

export class Asking {
  /** @param {(answer: Answer, question: Question) => void} answered */
  constructor(answered) {
    this.answered = answered;
    this.timer = 0;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /**
   * @param {string} url
   * @param {Question} question
   */
  soon(url, question) {
    this.stop();
    this.timer = window.setTimeout(() => void this.#ask(url, question), PAUSE_MS);
  }

  /** No answer to what was asked so far is wanted any more. */
  stop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  /**
   * @param {string} url
   * @param {Question} question
   */
  async #ask(url, question) {
    const running = new AbortController();
    this.running = running;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Datag-Request': '1' },
        body: JSON.stringify(question),
        signal: running.signal,
      });
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      const answer = await response.json();
      if (this.running === running) this.answered(answer, question);
    } catch (error) {
      // Help that does not come is no reason to disturb someone who types.
      if (!running.signal.aborted) console.warn(error);
    }
  }
}
