// Keys that work wherever the focus is on a page, but for fields that are typed in.

/**
 * @typedef {{kind: 'favourite' | 'suggestion', number: number} | {kind: 'undo' | 'redo' | 'help'}}
 *   PageKey
 */

/**
 * What a key press asks for. Digits by their place on the keyboard: with Shift they are signs that
 * differ from layout to layout.
 * @param {{code: string, key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean,
 *   shiftKey: boolean}} event
 * @returns {PageKey | null}
 */
export function pageKey({ code, key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    if (code === 'KeyZ') return { kind: shiftKey ? 'redo' : 'undo' };
    return code === 'KeyY' && !shiftKey ? { kind: 'redo' } : null;
  }
  if (key === '?') return { kind: 'help' };
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  if (!digit || (code.startsWith('Numpad') && !/^[1-9]$/.test(key))) return null;
  return { kind: shiftKey ? 'suggestion' : 'favourite', number: Number(digit[1]) };
}

const TYPED = new Set(['text', 'search', 'number', 'password', 'email', 'url', 'tel', 'date', 'time']);

/**
 * Whether keys go into a text, a table's cell or an open dialog, and so are not the page's.
 * @param {EventTarget[]} path of the event, innermost first
 * @param {PageKey} asked
 */
export function isTaken(path, asked) {
  const nodes = path.filter((node) => node instanceof Element);
  const dialog = nodes.some((node) => node.matches('[role="dialog"], dialog'));
  if (dialog || nodes.some((node) => node.matches('[data-testid="stDataFrame"]'))) return true;
  const [inner] = nodes;
  if (!inner) return false;
  const typing =
    inner instanceof HTMLTextAreaElement ||
    (inner instanceof HTMLElement && inner.isContentEditable) ||
    (inner instanceof HTMLInputElement && TYPED.has(inner.type));
  if (!typing) return false;
  // The field of tags keeps the focus after a tag was chosen; empty, it has nothing to undo.
  const undoes = asked.kind === 'undo' || asked.kind === 'redo';
  const ofTags = nodes.some((node) => node.matches('[data-testid="stMultiSelect"]'));
  return !(undoes && ofTags && inner instanceof HTMLInputElement && inner.value === '');
}
