// Which point is meant: the one under the cursor, or that of an image in another view.

import { placeOf } from './pins.js';

/** @typedef {import('./gestures.js').Position} Position */

export class Pointing {
  /** @param {import('./view.js').MapView} view */
  constructor(view) {
    this.view = view;
    /** The image that the other views were told of last; -1: none. */
    this.told = -1;
  }

  /**
   * The cursor has been near a place for a moment.
   * @param {Position | null} cursor null: it has left the stage
   */
  rested(cursor) {
    const { scene, sharing, model, layout } = this.view;
    const index = cursor ? scene.pointAt(cursor) : -1;
    if (index !== scene.hovered) scene.redraw();
    scene.hovered = index;
    const id = index < 0 ? -1 : model.ids[index];
    if (id !== this.told) sharing.hovered(id);
    this.told = id;
    layout.pins.set('pointed', -1);
    this.place();
    if (index < 0 || !cursor) layout.tooltip.hide();
    else this.showCard(index, cursor);
  }

  /**
   * Mark the point of an image that another view points at; nothing is drawn anew for it.
   * @param {number} id -1: none
   * @param {boolean} card whether what is known of the image shows too
   */
  mark(id, card) {
    const { scene, layout } = this.view;
    this.told = -1; // the cursor is elsewhere
    scene.hovered = this.view.indexOf(id);
    layout.pins.set('pointed', scene.hovered);
    this.place();
    const at = card && scene.camera ? placeOf(scene.hovered, scene.sight(scene.camera)) : null;
    if (at) this.showCard(scene.hovered, at);
    else layout.tooltip.hide();
  }

  /** Bring the rings to their points. */
  place() {
    const { scene, layout } = this.view;
    if (scene.camera && scene.width) layout.pins.place(scene.sight(scene.camera));
  }

  /**
   * @param {number} index of a point
   * @param {Position} at
   */
  showCard(index, at) {
    const { data, scene, layout, model } = this.view;
    if (!data) return;
    const addresses = { thumbnail: data.thumbnail_url, summary: data.summary_url };
    layout.tooltip.show(model.ids[index], addresses);
    layout.tooltip.place(at, scene.width, scene.height);
  }
}
