// Keyboard shortcuts of the map.

/**
 * @typedef {'navigate' | 'lasso' | 'rectangle' | 'fit' | 'escape' | 'open' | 'hold_pan' | 'left' |
 *   'right' | 'up' | 'down' | 'zoom_in' | 'zoom_out'} KeyAction
 */

// Letters by their place on the keyboard: with a Korean layout `key` is a Hangul letter.
/** @type {Record<string, KeyAction>} */
const BY_CODE = {
  KeyR: 'navigate',
  KeyL: 'lasso',
  KeyB: 'rectangle',
  KeyF: 'fit',
  Escape: 'escape',
  Enter: 'open',
  Space: 'hold_pan',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Equal: 'zoom_in',
  NumpadAdd: 'zoom_in',
  Minus: 'zoom_out',
  NumpadSubtract: 'zoom_out',
};

/**
 * @param {{code: string, ctrlKey: boolean, metaKey: boolean}} event
 * @returns {KeyAction | null}
 */
export function keyAction({ code, ctrlKey, metaKey }) {
  return ctrlKey || metaKey ? null : (BY_CODE[code] ?? null);
}
