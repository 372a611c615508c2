// Uploads that broke off: asking for them, knowing the files again, and which run in other tabs.

import { ask } from './transport.js';

/**
 * An upload that is no batch yet; see core/ingest/unfinished.py.
 * @typedef {{
 *   token: string, name: string, files: number, bytes: number,
 *   arrived_files: number, arrived_bytes: number, quiet_for: number,
 * }} Unfinished
 */
/**
 * A file of which the server has something.
 * @typedef {{index: number, name: string, bytes: number, modified: number, offset: number}} Arrived
 */
/** @typedef {{token: string, files: Arrived[]}} Previous an upload to go on with */
/** @typedef {import('./queue.js').Item} Item */

const LOCK = 'datag-upload:';
// Without locks (only safe contexts have them) an upload that is not heard of for so long is over.
const QUIET_SECONDS = 30;

/**
 * The uploads that nobody is sending any more, the latest first.
 * @param {string} url
 * @param {number} projectId
 * @param {string} language
 * @returns {Promise<Unfinished[]>}
 */
export async function brokenOff(url, projectId, language) {
  const answer = await ask(`${url}?project_id=${projectId}`, 'GET', null, language);
  const uploads = /** @type {Unfinished[]} */ (answer.uploads ?? []);
  if (!navigator.locks) return uploads.filter(({ quiet_for: quiet }) => quiet > QUIET_SECONDS);
  const { held = [] } = await navigator.locks.query();
  const running = new Set(held.map(({ name }) => name));
  return uploads.filter(({ token }) => !running.has(LOCK + token));
}

/**
 * Say that this tab is sending an upload, for as long as it lives.
 * @param {string} token
 * @returns {() => void} says that it is no more
 */
export function hold(token) {
  let release = () => {};
  const over = new Promise((resolve) => { release = () => resolve(null); });
  void globalThis.navigator?.locks?.request(LOCK + token, () => over);
  return release;
}

/**
 * The first of these uploads that one of `items` belongs to.
 * @param {string} url
 * @param {Unfinished[]} uploads
 * @param {Item[]} items
 * @param {string} language
 * @returns {Promise<Previous | null>}
 */
export async function previousOf(url, uploads, items, language) {
  for (const { token } of uploads) {
    const answer = await ask(`${url}/${token}/files`, 'GET', null, language).catch(() => null);
    const files = /** @type {Arrived[]} */ (answer?.files ?? []);
    const known = byName(files);
    if (items.some((item) => isSame(item, known.get(item.path)))) return { token, files };
  }
  return null;
}

/** @param {Arrived[]} files */
export function byName(files) {
  return new Map(files.map((file) => [file.name, file]));
}

/**
 * Whether the chosen file is the one that was being sent, as far as a browser can tell.
 * @param {Item} item
 * @param {Arrived | undefined} arrived
 */
export function isSame(item, arrived) {
  return arrived !== undefined && arrived.bytes === item.file.size
    && arrived.modified === modifiedOf(item.file);
}

/** @param {Blob} file */
export function modifiedOf(file) {
  return file instanceof File ? file.lastModified : 0;
}
