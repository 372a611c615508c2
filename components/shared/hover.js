// Which image is under the cursor, in whatever view: the others mark it too.

const EVENT = 'datag-hover';

/**
 * Tell the other views on the page.
 * @param {object} source the view that the cursor is in
 * @param {number} id of the image; -1: none
 * @param {boolean} [card] whether maps show what is known of it, because the source has no caption
 */
export function announceHover(source, id, card = false) {
  window.dispatchEvent(new CustomEvent(EVENT, { detail: { source, id, card } }));
}

/**
 * Hear of images that the cursor is on in another view.
 * @param {object} listener the view that listens; what it announces itself it does not hear
 * @param {(id: number, card: boolean) => void} heard the id, or -1 for none any more
 * @returns {() => void} ends it
 */
export function onHover(listener, heard) {
  /** @param {Event} event */
  const hear = (event) => {
    const { source, id, card } = /** @type {CustomEvent} */ (event).detail;
    if (source !== listener) heard(id, card);
  };
  window.addEventListener(EVENT, hear);
  return () => window.removeEventListener(EVENT, hear);
}
