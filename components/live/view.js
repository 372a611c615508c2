// Asks our server now and then for the newest events, and tells Python of unknown ones.

import { element } from '../shared/dom.js';
import { Hands } from './hands.js';

/**
 * @typedef {{view: string, url: string, seen: number[], every_ms: number, text: string}} LiveData
 * @typedef {import('../shared/mount.js').Component<LiveData>} LiveComponent
 */

const hands = new Hands();

/** Draws nothing but a line while a change has to wait. */
export class LiveView {
  root = element('div', { class: 'live', role: 'status' });
  /** @type {LiveComponent | null} */
  #component = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #told = '';
  #waits = false;

  /** @param {LiveComponent} component */
  update(component) {
    this.#component = component;
    this.#waits = false;
    this.root.textContent = '';
  }

  attached() {
    hands.watch(document);
    this.#later();
  }

  detached() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later() {
    clearTimeout(this.#timer);
    // What has to wait is looked at more often: it costs no request.
    const pause = this.#waits ? 400 : this.#component?.data.every_ms;
    this.#timer = setTimeout(() => void this.#look(), pause);
  }

  async #look() {
    try {
      // Nobody sees a page behind others, and it is asked as soon as somebody does.
      if (!document.hidden) this.#tell(this.#waits ? null : await this.#ask());
    } catch {
      // The server is away for the moment.
    }
    if (this.#timer !== undefined) this.#later();
  }

  /** @returns {Promise<number[]>} */
  async #ask() {
    const answer = await fetch(/** @type {LiveComponent} */ (this.#component).data.url);
    return answer.ok ? (await answer.json()).events : [];
  }

  /** @param {number[] | null} events newest ones; null: it is known that some are unknown */
  #tell(events) {
    const { data, setTriggerValue } = /** @type {LiveComponent} */ (this.#component);
    const unknown = events && events.filter((id) => !data.seen.includes(id));
    if (unknown && !unknown.length) return;
    this.#waits = hands.busy();
    this.root.textContent = this.#waits ? data.text : '';
    if (this.#waits) return;
    // Until Python has answered, the same is not told again.
    const told = `${unknown ?? ''}:${data.seen}`;
    if (unknown && told === this.#told) return;
    this.#told = told;
    setTriggerValue('changed', Date.now());
  }
}
