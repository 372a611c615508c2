// Keyboard shortcuts of the map.

/**
 * @typedef {'navigate' | 'lasso' | 'rectangle' | 'fit' | 'escape' | 'open' | 'undo' | 'redo' |
 *   'visible_only' | 'look' | 'guides' | 'labels' | 'spin' | 'front' | 'side' | 'top' | 'hold_pan' | 'left' |
 *   'right' | 'up' | 'down' | 'zoom_in' | 'zoom_out'} KeyAction
 */

// Letters by their place on the keyboard: with a Korean layout `key` is a Hangul letter.
/** @type {Record<string, KeyAction>} */
const BY_CODE = {
  KeyR: 'navigate',
  KeyL: 'lasso',
  KeyB: 'rectangle',
  KeyF: 'fit',
  KeyV: 'visible_only',
  KeyS: 'look',
  KeyG: 'guides',
  KeyN: 'labels',
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
 * @returns {KeyAction | null}
 */
export function keyAction({ code, ctrlKey, metaKey, shiftKey }) {
  if (!ctrlKey && !metaKey) return BY_CODE[code] ?? null;
  if (code === 'KeyZ') return shiftKey ? 'redo' : 'undo';
  return code === 'KeyY' ? 'redo' : null;
}
