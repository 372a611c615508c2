// One upload from its first request to its last: many files, few requests at a time.

import { fill } from '../shared/dom.js';
import { AnswerError, ConnectionError, ask, putFile } from './transport.js';

/** @typedef {{file: Blob, path: string}} Item */
/** @typedef {{name: string, error: string}} Failure */
/** @typedef {'idle' | 'sending' | 'interrupted' | 'done' | 'cancelled'} Phase */

const PARALLEL = 4;
const PARALLEL_SMALL = 6;
const SMALL_BYTES = 256 * 1024;
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 16000];
// Answers that every further file would get too: not allowed, upload unknown, disk full.
const FATAL = [401, 403, 404, 410, 507];

/**
 * Sends `items` below `url` and completes the upload.
 *
 * A file that the server refuses is noted and the rest goes on. When the connection stays away or
 * the server takes nothing any more, the upload is interrupted: `resume` goes on from there,
 * `finish` completes it with what has arrived, `cancel` takes it back.
 */
export class UploadQueue {
  /**
   * @param {{
   *   url: string, projectId: number, items: Item[], failed: Failure[],
   *   texts: Record<string, string>,
   *   onChange: () => void, put?: import('./transport.js').PutFile, retryDelays?: number[],
   * }} options  `failed`: files already known not to be sent
   */
  constructor({ url, projectId, items, failed, texts, onChange, put, retryDelays }) {
    this.url = url;
    this.projectId = projectId;
    this.items = items;
    this.failed = failed;
    this.texts = texts;
    this.onChange = onChange;
    this.put = put ?? putFile;
    this.retryDelays = retryDelays ?? RETRY_DELAYS_MS;
    this.totalBytes = items.reduce((sum, { file }) => sum + file.size, 0);
    /** @type {Phase} */
    this.phase = 'idle';
    this.upload = '';
    /** @type {unknown} */
    this.batch = null;
    /** @type {string} */
    this.problem = '';
    this.settledFiles = 0;
    this.settledBytes = 0;
    this.arrivedFiles = 0;
    this.arrivedBytes = 0;
    /** @type {Map<number, number>} bytes of each file under way, by index */
    this.underWay = new Map();
    /** @type {number[]} indices that wait, the next one last */
    this.waiting = items.map((_, index) => index).reverse();
    this.waitingForConnection = 0;
    this.stop = new AbortController();
  }

  get sentBytes() {
    let bytes = this.settledBytes;
    for (const part of this.underWay.values()) bytes += part;
    return bytes;
  }

  get running() {
    return this.phase === 'sending' || this.phase === 'interrupted';
  }

  start() {
    return this.#run();
  }

  /** Go on after an interruption. */
  resume() {
    return this.#run();
  }

  /** Complete an interrupted upload with what has arrived. */
  finish() {
    for (const index of this.waiting.reverse()) {
      this.failed.push({ name: this.items[index].path, error: this.texts.not_sent });
    }
    this.waiting = [];
    return this.#run();
  }

  async cancel() {
    this.#setPhase('cancelled');
    this.stop.abort();
    // What the server keeps of a dead upload it clears away by itself.
    if (this.upload) await ask(`${this.url}/${this.upload}`, 'DELETE', {}).catch(() => {});
  }

  async #run() {
    this.stop = new AbortController();
    this.problem = '';
    this.#setPhase('sending');
    try {
      if (!this.upload) await this.#begin();
      const small = this.totalBytes < this.items.length * SMALL_BYTES;
      const workers = Math.min(small ? PARALLEL_SMALL : PARALLEL, this.waiting.length);
      await Promise.all(Array.from({ length: workers }, () => this.#work()));
      this.stop.signal.throwIfAborted();
      await this.#complete();
    } catch (error) {
      this.#interrupted(error);
    }
  }

  async #begin() {
    const answer = await this.#patiently(() => ask(this.url, 'POST', {
      project_id: this.projectId, files: this.items.length, bytes: this.totalBytes,
    }, this.stop.signal));
    this.upload = encodeURIComponent(String(answer.upload));
  }

  /** Send files until none waits; what concerns the whole upload stops the other workers too. */
  async #work() {
    while (this.waiting.length && !this.stop.signal.aborted) {
      const index = /** @type {number} */ (this.waiting.pop());
      try {
        await this.#sendFile(index);
      } catch (error) {
        this.waiting.push(index);
        this.stop.abort(error);
      } finally {
        this.underWay.delete(index);
        this.onChange();
      }
    }
  }

  /**
   * Send one file or note why not; throws what concerns the whole upload.
   * @param {number} index
   */
  async #sendFile(index) {
    const { file, path } = this.items[index];
    const url = `${this.url}/${this.upload}/files/${index}?name=${encodeURIComponent(path)}`;
    const onProgress = (/** @type {number} */ bytes) => {
      this.underWay.set(index, Math.min(bytes, file.size));
      this.onChange();
    };
    try {
      await this.#patiently(async () => {
        onProgress(0);
        await this.put(url, file, onProgress, this.stop.signal);
      }, file);
      this.arrivedFiles += 1;
      this.arrivedBytes += file.size;
    } catch (error) {
      const refused = error instanceof AnswerError && !FATAL.includes(error.status);
      if (!refused && !(error instanceof UnreadableError)) throw error;
      const fallback = refused ? this.texts.refused : this.texts.unreadable;
      this.failed.push({ name: path, error: (refused && error.message) || fallback });
    }
    this.settledFiles += 1;
    this.settledBytes += file.size;
  }

  async #complete() {
    const answer = await this.#patiently(() => ask(
      `${this.url}/${this.upload}/complete`, 'POST', { failed: this.failed }, this.stop.signal,
    ));
    this.batch = answer.batch;
    this.#setPhase('done');
  }

  /**
   * Try again when no answer comes or the server stumbles, with growing pauses.
   * @template T
   * @param {() => Promise<T>} act
   * @param {Blob} [file] that is sent: when it cannot be read, trying again does not help
   * @returns {Promise<T>}
   */
  async #patiently(act, file) {
    for (const delay of this.retryDelays) {
      try {
        return await act();
      } catch (error) {
        if (!mayPass(error)) throw error;
        if (file && error instanceof ConnectionError) await assertReadable(file);
        await this.#pause(delay, error instanceof ConnectionError);
      }
    }
    return act();
  }

  /**
   * @param {number} milliseconds
   * @param {boolean} connection whether a lost connection is the reason
   */
  async #pause(milliseconds, connection) {
    const { signal } = this.stop;
    this.waitingForConnection += connection ? 1 : 0;
    this.onChange();
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve(null);
      }, { once: true });
    });
    this.waitingForConnection -= connection ? 1 : 0;
    signal.throwIfAborted();
  }

  /** @param {unknown} error */
  #interrupted(error) {
    if (this.phase === 'cancelled') return;
    this.problem = error instanceof AnswerError
      ? error.message || fill(this.texts.server_error, { status: error.status })
      : this.texts.no_connection;
    this.#setPhase('interrupted');
  }

  /** @param {Phase} phase */
  #setPhase(phase) {
    this.phase = phase;
    this.onChange();
  }
}

/** A file that was chosen cannot be read any more. */
class UnreadableError extends Error {}

/** @param {Blob} file */
async function assertReadable(file) {
  await file.slice(0, 1).arrayBuffer().catch(() => { throw new UnreadableError(); });
}

/** @param {unknown} error */
function mayPass(error) {
  if (error instanceof ConnectionError) return true;
  return error instanceof AnswerError && error.status >= 500 && !FATAL.includes(error.status);
}
