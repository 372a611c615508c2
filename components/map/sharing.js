// What a map shares: camera and hidden classes with the page's address, the mode with Python, the
// point under the cursor with the other views.

import { addressChanged, keepInAddress, leaveAddress } from '../shared/address.js';
import { announceHover, onHover } from '../shared/hover.js';
import { Camera } from './camera.js';

/** @typedef {import('./types.js').MapData} MapData */

export class Sharing {
  /** @param {import('./view.js').MapView} view */
  constructor(view) {
    this.view = view;
    /** The mode that Python named last. */
    this.mode = '';
    this.taking = false;
    this.stop = () => {};
  }

  attached() {
    this.stop();
    this.stop = onHover(this, (id, card) => this.view.pointing.mark(id, card));
  }

  detached() {
    this.stop();
    leaveAddress(this);
  }

  /** @param {MapData} data */
  update({ link }) {
    if (!link) return;
    keepInAddress(this, () => ({
      ...link.parameters,
      [link.camera_as]: this.camera(),
      [link.hidden_as]: this.view.layout.legend.hiddenHashes().join('.'),
    }));
    // What Python says again and again may be older than what was chosen here meanwhile.
    if (link.mode === this.mode) return;
    this.mode = link.mode;
    this.taking = true;
    if (this.view.controls.mode !== link.mode) this.view.controls.setMode(link.mode);
    this.taking = false;
  }

  /** @param {import('./lasso.js').SelectionMode} mode chosen by the visitor */
  modeChosen(mode) {
    const { component } = this.view;
    if (!this.taking && component?.data.link) component.setTriggerValue('mode', mode);
  }

  /** Camera or hidden classes have changed. */
  changed() {
    addressChanged();
  }

  /** @param {number} id of the image under the cursor; -1: none */
  hovered(id) {
    announceHover(this, id, true);
  }

  /** @returns {string} the camera as an address has it; empty while all points are fitted */
  camera() {
    const { camera, width, height } = this.view.scene;
    if (!camera || !width) return '';
    const fitted = new Camera(camera.dim, camera.bounds);
    fitted.fit(width, height);
    const text = cameraText(camera);
    return text === cameraText(fitted) ? '' : text;
  }
}

/** @param {Camera} camera */
function cameraText(camera) {
  return camera.numbers().map((number) => Number(number.toPrecision(5))).join('_');
}
