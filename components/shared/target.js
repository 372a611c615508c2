// What a key pressed on the page is about: the view that was attached last says what is chosen in
// it at this very moment, which Python may not have heard of yet.

/** @typedef {() => Record<string, unknown> | null} Read null: nothing is chosen in this view */

/** @type {Map<object, Read>} */
const offers = new Map();

/**
 * A view is on the page.
 * @param {object} view
 * @param {Read} read
 */
export function offerTarget(view, read) {
  offers.delete(view);
  offers.set(view, read);
}

/** @param {object} view */
export function withdrawTarget(view) {
  offers.delete(view);
}

/** What is chosen in the newest view where something is. */
export function currentTarget() {
  for (const read of [...offers.values()].reverse()) {
    const target = read();
    if (target) return target;
  }
  return null;
}
