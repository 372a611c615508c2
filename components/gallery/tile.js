// One picture of the gallery with its captions. Tiles are reused for other images.

import { element } from '../shared/dom.js';

/** @typedef {import('./rows.js').ImageRow} ImageRow */
/** @typedef {'name' | 'prediction' | 'tags'} Caption */

/** Height of each caption line below the picture, CSS px; style.css has the same. */
export const CAPTION_HEIGHTS = { name: 20, prediction: 18, tags: 22 };

/** @param {Caption[]} captions */
export function captionHeight(captions) {
  return 4 + captions.reduce((sum, caption) => sum + CAPTION_HEIGHTS[caption], 0);
}

export class Tile {
  /**
   * @param {Caption[]} captions
   * @param {Record<string, string>} texts
   * @param {Intl.NumberFormat} percent
   */
  constructor(captions, texts, percent) {
    this.texts = texts;
    this.percent = percent;
    this.index = -1;
    this.image = element('img', { alt: '', draggable: 'false', decoding: 'async' });
    this.image.addEventListener('load', () => this.#setState('loaded'));
    this.image.addEventListener('error', () => this.#setState('missing'));
    this.name = element('div', { class: 'name' });
    this.prediction = element('div', { class: 'prediction' });
    this.tags = element('div', { class: 'tags' });
    const picture = element(
      'div', { class: 'picture' }, this.image,
      element('span', { class: 'missing' }, texts.missing_picture),
      element('span', { class: 'check', title: texts.toggle, 'aria-hidden': 'true' }),
    );
    const lines = captions.map((caption) => this[caption]);
    this.root = element('div', { class: 'tile', role: 'gridcell' }, picture, ...lines);
  }

  /**
   * Stand for another image; its picture loads when `load` is called.
   * @param {number} index in display order, -1 for none
   * @param {string} domId
   */
  stand(index, domId) {
    this.index = index;
    this.root.hidden = index < 0;
    this.root.id = domId;
    this.root.dataset.index = String(index);
    // Without its address the browser gives up a picture that it is still loading.
    this.image.removeAttribute('src');
    this.#setState('waiting');
    this.describe(undefined);
  }

  /** @param {string} url */
  load(url) {
    if (this.index >= 0 && !this.image.hasAttribute('src')) this.image.src = url;
  }

  /** @param {ImageRow | null | undefined} row null: no such image; undefined: not known yet */
  describe(row) {
    const name = row === null ? this.texts.gone : row?.name ?? '';
    // Images of one upload share their folders: what tells them apart is the end.
    this.name.textContent = name.slice(name.lastIndexOf('/') + 1);
    this.name.title = name;
    this.#describePrediction(row);
    this.tags.replaceChildren(...(row?.tags ?? []).map(chip));
    this.tags.title = (row?.tags ?? []).map((tag) => tag.name).join(', ');
  }

  /** @param {ImageRow | null | undefined} row */
  #describePrediction(row) {
    const label = row?.unread ? this.texts.unread : row?.label ?? '';
    const parts = [element('span', { class: row?.unread ? 'label unread' : 'label' }, label)];
    if (row && row.label !== null && row.confidence !== null) {
      parts.push(element('span', { class: 'confidence' }, this.percent.format(row.confidence)));
    }
    this.prediction.replaceChildren(...parts);
    this.prediction.title = label;
  }

  /**
   * @param {boolean} selected
   * @param {boolean} focused
   */
  mark(selected, focused) {
    this.root.setAttribute('aria-selected', String(selected));
    this.root.classList.toggle('focused', focused);
  }

  /** @param {boolean} pointed whether the cursor is on this image in another view */
  point(pointed) {
    this.root.classList.toggle('pointed', pointed);
  }

  /** @param {'waiting' | 'loaded' | 'missing'} state */
  #setState(state) {
    this.root.dataset.state = state;
  }
}

/** @param {{name: string, colour: string | null}} tag */
function chip(tag) {
  const node = element('span', { class: 'chip' }, tag.name);
  // Assigned as one property, so that a colour can only ever be a colour.
  if (tag.colour) node.style.setProperty('border-left-color', tag.colour);
  return node;
}
