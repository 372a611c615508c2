// The offer to go on with uploads that broke off.

import { button, element, fill } from '../shared/dom.js';
import { formatBytes } from './progress.js';

/** @typedef {import('./resume.js').Unfinished} Unfinished */

const SHOWN = 3;

/**
 * @param {Unfinished[]} uploads
 * @param {Record<string, string>} texts
 * @param {string} language
 * @param {{finish: (upload: Unfinished) => void, discard: (upload: Unfinished) => void}} actions
 * @returns {HTMLElement[]}
 */
export function offers(uploads, texts, language, actions) {
  return uploads.slice(0, SHOWN).map((upload) => {
    const buttons = element(
      'div', { class: 'buttons' },
      button(texts.use_arrived, () => actions.finish(upload)),
      button(texts.discard, () => actions.discard(upload)),
    );
    if (upload.arrived_files === 0) buttons.firstElementChild?.remove();
    return element(
      'div', { class: 'offer' },
      element('div', { class: 'head' }, fill(texts.broken_off, { name: nameOf(upload, texts) })),
      element('div', {}, arrivedText(upload, texts, language)),
      element('div', { class: 'hint' }, texts.broken_off_hint),
      buttons,
    );
  });
}

/**
 * @param {Unfinished} upload
 * @param {Record<string, string>} texts
 */
function nameOf({ name, files }, texts) {
  const short = name.slice(name.lastIndexOf('/') + 1);
  return files > 1 ? fill(texts.and_more, { name: short, n: files - 1 }) : short;
}

/**
 * @param {Unfinished} upload
 * @param {Record<string, string>} texts
 * @param {string} language
 */
function arrivedText(upload, texts, language) {
  const since = new Date(Date.now() - upload.quiet_for * 1000);
  const number = new Intl.NumberFormat(language);
  return fill(texts.arrived, {
    k: number.format(upload.arrived_files), n: number.format(upload.files),
    bytes: formatBytes(upload.arrived_bytes, language),
    of: formatBytes(upload.bytes, language),
    when: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
      .format(since),
  });
}
