// Tools, selection mode and the count of selected points.

import { button, element, svgElement } from '../shared/dom.js';

const ICONS = {
  rotate:
    'M12 3.5c2.3 0 4 3.8 4 8.5s-1.7 8.5-4 8.5-4-3.8-4-8.5 1.7-8.5 4-8.5' +
    'M15.5 15.8c3.6-.6 6-2.1 6-3.8 0-2.3-4.3-4.1-9.5-4.1S2.5 9.7 2.5 12c0 2 3.2 3.6 7.5 4M7.6 13.6l2.6 2.4-2.4 2.6',
  pan: 'M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3',
  lasso:
    'M7.2 15.6C4.7 14.5 3 12.4 3 10c0-3.6 4-6 9-6s9 2.4 9 6-4 6-9 6c-1 0-2-.1-2.9-.3' +
    'M9.3 17.8a2.1 2.1 0 1 1-4.2 0 2.1 2.1 0 0 1 4.2 0M7.6 19.9c0 .8-.5 1.4-1.6 1.6',
  rectangle: 'M4 8V5h3M11 5h3M17 5h3v3M20 11v3M20 17v2h-3M14 19h-3M7 19H4v-3M4 13v-2',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  clear: 'M6 6l12 12M18 6L6 18',
  look: 'M12 5.5v-3M12 21.5v-3M5.5 12h-3M21.5 12h-3M18.5 12a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M13.5 12a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0',
  spin: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3M17.5 3v4h-4',
  guides: 'M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16',
  labels: 'M4 12V5h7l9 9-7 7zM8.5 9.5v0',
  pictures: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-3L20 17M15.5 9.5a1.2 1.2 0 1 1 2.4 0 1.2 1.2 0 0 1-2.4 0',
  save: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 19.5h15',
  undo: 'M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4',
  redo: 'M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h4',
  visible_only: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0',
};

const TOOLS = /** @type {const} */ (['navigate', 'lasso', 'rectangle']);
const COMMANDS = /** @type {const} */ (['fit', 'look', 'spin', 'guides', 'labels', 'pictures', 'save']);
const MODES = /** @type {const} */ (['replace', 'add', 'remove', 'intersect']);

const SWITCHES = /** @type {const} */ (['visible_only', 'spin', 'guides', 'labels', 'pictures']);

/**
 * @typedef {object} ToolbarActions
 * @property {(tool: import('./types.js').Tool) => void} setTool
 * @property {(mode: import('./lasso.js').SelectionMode) => void} setMode
 * @property {(action: import('./types.js').Action) => void} act
 */

/** @typedef {typeof COMMANDS[number] | typeof SWITCHES[number] | 'undo' | 'redo' | 'clear'} Named */

export class Toolbar {
  /** @param {ToolbarActions} actions */
  constructor(actions) {
    this.tools = new Map(TOOLS.map((tool) => [tool, button('', () => actions.setTool(tool))]));
    this.modes = new Map(MODES.map((mode) => [mode, button('', () => actions.setMode(mode))]));
    /** @param {Named} name */
    const command = (name) => button('', () => actions.act(name));
    this.commands = new Map(COMMANDS.map((name) => [name, command(name)]));
    this.clear = command('clear');
    this.undo = command('undo');
    this.redo = command('redo');
    this.visibleOnly = command('visible_only');
    this.visibleGroup = group([this.visibleOnly], 'visible-only');
    this.count = element('output', { class: 'count' });
    this.modeGroup = group([...this.modes.values()], 'modes');
    this.element = element(
      'div',
      { class: 'toolbar', role: 'toolbar' },
      group([...this.tools.values()], 'tools'),
      this.modeGroup,
      this.visibleGroup,
      group([this.undo, this.redo, this.clear], 'history'),
      group([...this.commands.values()], 'commands'),
      this.count,
    );
  }

  /**
   * @param {import('./types.js').Translate} t
   * @param {2 | 3} dim
   */
  translate(t, dim) {
    this.element.setAttribute('aria-label', t('toolbar'));
    this.modeGroup.setAttribute('aria-label', t('mode'));
    const navigate = dim === 3 ? 'rotate' : 'pan';
    for (const [tool, element] of this.tools) {
      const name = tool === 'navigate' ? navigate : tool;
      label(element, t(name), ICONS[name]);
    }
    for (const [name, node] of this.commands) label(node, t(name), ICONS[name]);
    for (const name of /** @type {const} */ (['spin', 'guides'])) {
      this.commands.get(name)?.toggleAttribute('hidden', dim === 2);
    }
    for (const name of /** @type {const} */ (['clear', 'undo', 'redo'])) {
      label(this[name], t(name), ICONS[name]);
    }
    label(this.visibleOnly, t('visible_only'), ICONS.visible_only);
    this.visibleGroup.hidden = dim === 2;
    for (const [mode, element] of this.modes) {
      element.textContent = t(`mode_${mode}`);
      element.title = t(`mode_${mode}_help`);
    }
  }

  /**
   * @param {import('./types.js').Tool} tool
   * @param {import('./lasso.js').SelectionMode} mode in force, a held key included
   */
  show(tool, mode) {
    for (const [name, element] of this.tools) {
      element.setAttribute('aria-pressed', String(name === tool));
    }
    for (const [name, element] of this.modes) {
      element.setAttribute('aria-pressed', String(name === mode));
    }
  }

  /** @param {Record<typeof SWITCHES[number], boolean>} on */
  showSwitches(on) {
    for (const name of SWITCHES) {
      const node = name === 'visible_only' ? this.visibleOnly : this.commands.get(name);
      node?.setAttribute('aria-pressed', String(on[name]));
    }
  }

  /**
   * @param {boolean} canUndo
   * @param {boolean} canRedo
   */
  showHistory(canUndo, canRedo) {
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
  }

  /**
   * @param {string} text
   * @param {string} widest the longest text there can be: its room is kept, so that the toolbar
   *   never breaks into another line, and the stage never moves, while a shape is drawn
   * @param {boolean} any whether there is a selection to clear
   */
  showCount(text, widest, any) {
    this.count.textContent = text;
    this.count.dataset.widest = widest;
    this.clear.disabled = !any;
  }
}

/**
 * @param {HTMLElement[]} children
 * @param {string} name
 */
function group(children, name) {
  return element('div', { class: `group ${name}`, role: 'group' }, ...children);
}

/**
 * @param {HTMLElement} node
 * @param {string} text tooltip and accessible name
 * @param {string} path of a 24 x 24 icon
 */
function label(node, text, path) {
  node.title = text;
  node.setAttribute('aria-label', text);
  const icon = { viewBox: '0 0 24 24', 'aria-hidden': 'true' };
  node.replaceChildren(svgElement('svg', icon, svgElement('path', { d: path })));
}
