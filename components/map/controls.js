// Which tool and mode are in force, and what toolbar and keys do.

import { keyAction } from './keys.js';

/** @typedef {import('./lasso.js').SelectionMode} SelectionMode */
/** @typedef {import('./types.js').Action} Action */

const KEY_STEP = 16;
const KEY_ZOOM = 0.8;

export class Controls {
  /** @param {import('./view.js').MapView} view */
  constructor(view) {
    this.view = view;
    this.tool = /** @type {import('./types.js').Tool} */ ('navigate');
    this.mode = /** @type {SelectionMode} */ ('replace');
    this.visibleOnly = false;
  }

  /** @param {HTMLElement} root whose keys these are */
  listen(root) {
    root.addEventListener('keydown', (event) => this.key(event));
    root.addEventListener('keyup', (event) => this.keyReleased(event));
    root.addEventListener('focusout', () => (this.view.gestures.spaceHeld = false));
  }

  /**
   * Show in the toolbar what is in force.
   * @param {SelectionMode} [mode] that a held key asks for
   */
  show(mode = this.mode) {
    const { layout, scene } = this.view;
    layout.toolbar.show(this.tool, mode);
    layout.toolbar.showSwitches({
      visible_only: this.visibleOnly,
      guides: scene.guides,
      pictures: scene.pictures.on,
      labels: !layout.labels.element.hidden,
      spin: scene.spin.on,
    });
  }

  /** @param {import('./types.js').Tool} tool */
  setTool(tool) {
    this.tool = tool;
    this.view.layout.stage.dataset.tool = tool;
    this.show();
  }

  /** @param {SelectionMode} mode */
  setMode(mode) {
    this.mode = mode;
    this.view.layout.showCarving(mode === 'intersect');
    this.view.sharing.modeChosen(mode);
    this.show();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    this.showMode(event);
    const action = keyAction(event);
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement;
    if (!action || (onButton && (action === 'open' || action === 'hold_pan'))) return;
    // Streamlit has shortcuts of its own on single letters.
    event.stopPropagation();
    event.preventDefault();
    this.act(action);
  }

  /** @param {KeyboardEvent} event */
  keyReleased(event) {
    this.showMode(event);
    if (event.code === 'Space') this.view.gestures.spaceHeld = false;
  }

  /**
   * A held Shift or Alt shows as the mode in force.
   * @param {KeyboardEvent} event
   */
  showMode(event) {
    this.show(this.view.gestures.mode(event));
  }

  /** @param {Action} action */
  act(action) {
    const { view } = this;
    const { scene } = view;
    /** @type {(dx: number, dy: number) => void} */
    const turn = (dx, dy) => (view.settings().dim === 3 ? scene.rotate(dx, dy) : scene.pan(dx, dy));
    /** @type {Record<Action, () => void>} */
    const actions = {
      navigate: () => this.setTool('navigate'),
      lasso: () => this.setTool('lasso'),
      rectangle: () => this.setTool('rectangle'),
      fit: () => scene.fit(),
      clear: () => view.clear(),
      escape: () => view.escape(),
      undo: () => view.step('undo'),
      redo: () => view.step('redo'),
      visible_only: () => (this.visibleOnly = !this.visibleOnly),
      look: () => scene.lookAtSelection(),
      guides: () => scene.toggleGuides(),
      labels: () => scene.toggleLabels(),
      pictures: () => scene.togglePictures(),
      spin: () => scene.toggleSpin(),
      save: () => void view.save(),
      front: () => scene.face('front'),
      side: () => scene.face('side'),
      top: () => scene.face('top'),
      open: () => view.openPoint(scene.hovered >= 0 ? scene.hovered : view.onlySelected()),
      hold_pan: () => (view.gestures.spaceHeld = true),
      left: () => turn(-KEY_STEP, 0),
      right: () => turn(KEY_STEP, 0),
      up: () => turn(0, -KEY_STEP),
      down: () => turn(0, KEY_STEP),
      zoom_in: () => scene.zoom(KEY_ZOOM),
      zoom_out: () => scene.zoom(1 / KEY_ZOOM),
    };
    actions[action]();
    this.show();
  }
}
