// What keys do to boxes.

/** @typedef {import('./editor.js').BoxEditor} BoxEditor */

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
const FAR = 10; // pixels of the picture that an arrow with Shift moves

/**
 * @param {BoxEditor} editor
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was meant for a box
 */
export function boxKey(editor, event) {
  const arrow = ARROWS[event.key];
  if (arrow && editor.selected !== null) {
    const step = event.shiftKey ? FAR : 1;
    editor.nudge(arrow[0] * step, arrow[1] * step, event.altKey);
    return true;
  }
  if (event.altKey) return false;
  // Keys that press the button or leave the field that has the focus.
  if (event.target !== editor.host.stage && ['Tab', 'Enter'].includes(event.key)) return false;
  if (event.key === 'Tab') return walk(editor, event.shiftKey ? -1 : 1);
  const act = action(editor, event.key.length === 1 ? event.key.toLowerCase() : event.key);
  act?.();
  return act !== undefined;
}

/**
 * @param {BoxEditor} editor
 * @param {string} key
 * @returns {(() => void) | undefined}
 */
function action(editor, key) {
  const chosen = editor.selected !== null;
  if (key === 'n') return () => editor.addInView();
  if (key === 'Escape') return () => (chosen ? editor.select(null) : editor.turn(false));
  if (!chosen) return undefined;
  /** @type {Record<string, () => void>} */
  const actions = {
    Delete: () => editor.remove(),
    Backspace: () => editor.remove(),
    Enter: () => editor.rename(),
  };
  return actions[key];
}

/**
 * Select the next box; past the last one the focus goes on.
 * @param {BoxEditor} editor
 * @param {1 | -1} by
 */
function walk(editor, by) {
  const { boxes, selected } = editor;
  const first = by > 0 ? 0 : boxes.length - 1;
  const next = selected === null ? first : selected + by;
  const found = next >= 0 && next < boxes.length;
  editor.select(found ? next : null);
  if (found) editor.host.reveal(boxes[next].box);
  return found;
}
