// Whether the visitor is in the middle of something that a new run of the page would disturb.

const OPEN = '[role="dialog"], [data-baseweb="popover"]';
const RUNNING = '[data-test-script-state="running"]';
/** Until what was done has reached Python: its answer may bring a question. */
const REST_MS = 1000;

/** Knows what hands and keyboard are doing on a page. */
export class Hands {
  #pressed = false;
  #ended = -Infinity;
  /** @type {EventTarget | null} a field with text that was not handed over yet */
  #typing = null;
  /** @type {Document | null} */
  #page = null;

  /**
   * Listen; a page is listened to once.
   * @param {Document} page
   */
  watch(page) {
    if (this.#page === page) return;
    this.#page = page;
    const on = (/** @type {string[]} */ names, /** @type {(event: Event) => void} */ heard) => {
      for (const name of names) page.addEventListener(name, heard, { capture: true, passive: true });
    };
    on(['pointerdown'], () => (this.#pressed = true));
    on(['pointerup', 'pointercancel', 'dragend'], () => {
      this.#pressed = false;
      this.#ended = performance.now();
    });
    // Fields of components live in shadow trees, whose host alone would be the target.
    on(['input'], (event) => (this.#typing = event.composedPath()[0] ?? null));
    on(['focusout', 'change'], () => this.#handOver());
    on(['keydown'], (event) => {
      const { key, ctrlKey, metaKey } = /** @type {KeyboardEvent} */ (event);
      const field = event.composedPath()[0];
      const ends = key === 'Enter' && (ctrlKey || metaKey || !isMultiline(field));
      if (ends) this.#handOver();
    });
  }

  #handOver() {
    if (this.#typing) this.#ended = performance.now();
    this.#typing = null;
  }

  /** @returns {boolean} */
  busy() {
    return this.#pressed || this.#typing !== null
      || performance.now() - this.#ended < REST_MS
      || this.#page?.querySelector(`${OPEN}, ${RUNNING}`) != null;
  }
}

/** @param {EventTarget | undefined} field */
function isMultiline(field) {
  return /** @type {{tagName?: string} | undefined} */ (field)?.tagName === 'TEXTAREA';
}
