// What a key pressed on the page is about: the views on it say what is chosen in them at this very
// moment, which Python may not have heard of yet.

/** @typedef {() => Record<string, unknown> | null} Read null: nothing is chosen in this view */

/** @type {Map<object, {read: Read, rank: number}>} */
const offers = new Map();

/**
 * A view is on the page.
 * @param {object} view
 * @param {Read} read
 * @param {number} [rank] of two views in which something is chosen, the higher one counts
 */
export function offerTarget(view, read, rank = 1) {
  offers.delete(view);
  offers.set(view, { read, rank });
}

/** @param {object} view */
export function withdrawTarget(view) {
  offers.delete(view);
}

/** What is chosen in the view that counts, the newest of equal ones. */
export function currentTarget() {
  const newest = [...offers.values()].reverse().sort((one, other) => other.rank - one.rank);
  for (const { read } of newest) {
    const target = read();
    if (target) return target;
  }
  return null;
}
