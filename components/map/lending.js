// A WebGL context takes a while to make, its first frame another one, and browsers allow few of
// them: a map that has left the page lends its own to the next one that has none.

/** @typedef {import('./renderer.js').Renderer} Renderer */
/** @typedef {{surrender: () => Renderer | null}} Lender who gives its renderer away, if it has one */

/** The one that left first comes first. @type {Set<Lender>} */
const lenders = new Set();

/** @param {Lender} lender that does not draw for now */
export function offerRenderer(lender) {
  lenders.add(lender);
}

/** @param {Lender} lender that draws again, or never will */
export function withdrawRenderer(lender) {
  lenders.delete(lender);
}

/** @returns {Renderer | null} with another map's points in it; its lender has lost it */
export function borrowRenderer() {
  for (const lender of lenders) {
    lenders.delete(lender);
    const renderer = lender.surrender();
    if (renderer) return renderer;
  }
  return null;
}
