// Keyboard shortcuts of the map.

/** @typedef {import('./types.js').Action} Action */

// Letters by their place on the keyboard: with a Korean layout `key` is a Hangul letter.
/** @type {Record<string, Action>} */
const BY_CODE = {
  KeyR: 'navigate',
  KeyL: 'lasso',
  KeyB: 'rectangle',
  KeyF: 'fit',
  KeyV: 'visible_only',
  KeyS: 'look',
  KeyG: 'guides',
  KeyN: 'labels',
  KeyT: 'pictures',
  KeyO: 'spin',
  Digit1: 'front',
  Digit2: 'side',
  Digit3: 'top',
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
 * @param {{code: string, ctrlKey: boolean, metaKey: boolean, shiftKey?: boolean}} event
 * @returns {Action | null}
 */
export function keyAction({ code, ctrlKey, metaKey, shiftKey }) {
  if (!ctrlKey && !metaKey) return BY_CODE[code] ?? null;
  if (code === 'KeyZ') return shiftKey ? 'redo' : 'undo';
  return code === 'KeyY' ? 'redo' : null;
}
