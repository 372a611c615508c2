// One upload from its first request to its last: many files, few requests at a time.

import { fill } from '../shared/dom.js';
import { byName, hold, isSame, modifiedOf } from './resume.js';
import { AnswerError, ConnectionError, ask, sendFile } from './transport.js';

/** @typedef {{file: Blob, path: string}} Item */
/**
 * Why a file was not sent: `reason` is a text of ours, `error` the server's own words.
 * @typedef {{name: string, reason: string, error?: string}} Failure
 */
/** @typedef {'idle' | 'sending' | 'interrupted' | 'done' | 'cancelled'} Phase */

const PARALLEL = 4;
const PARALLEL_SMALL = 6;
const SMALL_BYTES = 256 * 1024;
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000, 16000];
/** After an interruption by the connection it is tried again by itself so long after. */
const REVIVE_MS = 20_000;
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
   *   texts: Record<string, string>, language?: string,
   *   previous?: import('./resume.js').Previous | null,
   *   onChange: () => void, send?: import('./transport.js').SendFile, retryDelays?: number[],
   *   reviveAfter?: number,
   * }} options  `failed`: files already known not to be sent; `previous`: the upload to go on with
   */
  constructor({
    url, projectId, items, failed, texts, language, previous, onChange, send, retryDelays,
    reviveAfter,
  }) {
    this.url = url;
    this.projectId = projectId;
    this.items = items;
    this.failed = failed;
    this.texts = texts;
    this.language = language ?? 'en';
    this.onChange = onChange;
    this.send = send ?? sendFile;
    this.retryDelays = retryDelays ?? RETRY_DELAYS_MS;
    this.reviveAfter = reviveAfter ?? REVIVE_MS;
    this.totalBytes = items.reduce((sum, { file }) => sum + file.size, 0);
    /** @type {Phase} */
    this.phase = 'idle';
    this.upload = '';
    /** @type {unknown} */
    this.batch = null;
    /** @type {unknown} why it was interrupted */
    this.problem = null;
    this.settledFiles = 0;
    this.settledBytes = 0;
    this.arrivedFiles = 0;
    this.arrivedBytes = 0;
    /** @type {Map<number, number>} bytes of each file under way, by index */
    this.underWay = new Map();
    /** @type {number[]} the server's number of each file */
    this.numbers = items.map((_, index) => index);
    /** @type {Map<number, string>} addresses of files of which something has arrived, by index */
    this.places = new Map();
    /** @type {number[]} indices that wait, the next one last */
    this.waiting = items.map((_, index) => index).reverse();
    this.waitingForConnection = 0;
    this.stop = new AbortController();
    this.release = () => {};
    this.revival = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
    if (previous) this.#goOnWith(previous);
  }

  /**
   * What has arrived is not sent again; a file that has changed takes its old one's place.
   * @param {import('./resume.js').Previous} previous
   */
  #goOnWith({ token, files }) {
    this.#begun(token);
    const known = byName(files);
    let next = files.reduce((most, { index }) => Math.max(most, index + 1), 0);
    this.waiting = [];
    this.items.forEach((item, index) => {
      const arrived = known.get(item.path);
      known.delete(item.path);
      this.numbers[index] = arrived ? arrived.index : next++;
      if (arrived && isSame(item, arrived)) {
        if (arrived.offset === arrived.bytes) {
          this.#arrived(item.file.size);
          return;
        }
        this.places.set(index, `${this.url}/${this.upload}/files/${arrived.index}`);
      }
      this.waiting.push(index);
    });
    this.waiting.reverse();
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
      this.failed.push({ name: this.items[index].path, reason: 'not_sent' });
    }
    this.waiting = [];
    return this.#run();
  }

  async cancel() {
    this.#setPhase('cancelled');
    this.stop.abort();
    // What the server keeps of a dead upload it clears away by itself.
    if (!this.upload) return;
    await ask(`${this.url}/${this.upload}`, 'DELETE', {}, this.language).catch(() => {});
  }

  async #run() {
    clearTimeout(this.revival);
    this.stop = new AbortController();
    this.problem = null;
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
    }, this.language, this.stop.signal));
    this.#begun(String(answer.upload));
  }

  /** @param {string} token */
  #begun(token) {
    this.upload = encodeURIComponent(token);
    this.release = hold(token);
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
    const onProgress = (/** @type {number} */ bytes) => {
      this.underWay.set(index, Math.min(bytes, file.size));
      this.onChange();
    };
    try {
      await this.#patiently(() => this.send({
        endpoint: `${this.url}/${this.upload}/files`,
        place: this.places.get(index) ?? null,
        file,
        metadata: {
          filename: path, index: `${this.numbers[index]}`, modified: `${modifiedOf(file)}`,
        },
        language: this.language,
        onPlace: (place) => this.places.set(index, place),
        onProgress,
        signal: this.stop.signal,
      }), index);
      this.#arrived(file.size);
      return;
    } catch (error) {
      const refused = error instanceof AnswerError && !FATAL.includes(error.status);
      if (!refused && !(error instanceof UnreadableError)) throw error;
      this.failed.push(refused
        ? { name: path, reason: 'refused', error: error.message }
        : { name: path, reason: 'unreadable' });
    }
    this.settledFiles += 1;
    this.settledBytes += file.size;
  }

  /** @param {number} bytes of a file that is whole on the server */
  #arrived(bytes) {
    this.arrivedFiles += 1;
    this.arrivedBytes += bytes;
    this.settledFiles += 1;
    this.settledBytes += bytes;
  }

  async #complete() {
    const answer = await this.#patiently(() => ask(
      `${this.url}/${this.upload}/complete`, 'POST', {
        failed: this.failed.map((failure) => (
          { ...failure, error: failureText(failure, this.texts) }
        )),
      }, this.language, this.stop.signal,
    ));
    this.batch = answer.batch;
    this.#setPhase('done');
  }

  /**
   * Try again when no answer comes or the server stumbles, with growing pauses; they begin anew
   * whenever a file got on meanwhile.
   * @template T
   * @param {() => Promise<T>} act
   * @param {number} [index] of the file that is sent: if it cannot be read, it is no use
   * @returns {Promise<T>}
   */
  async #patiently(act, index) {
    let reached = this.#reached(index);
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (!mayPass(error)) throw error;
        const lost = error instanceof ConnectionError;
        if (index !== undefined && lost) await assertReadable(this.items[index].file);
        if (this.#reached(index) > reached) attempt = 0;
        reached = this.#reached(index);
        if (attempt >= this.retryDelays.length) throw error;
        await this.#pause(this.retryDelays[attempt], lost);
      }
    }
  }

  /** @param {number} [index] of a file under way */
  #reached(index) {
    return index === undefined ? 0 : this.underWay.get(index) ?? 0;
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
    this.problem = error;
    this.#setPhase('interrupted');
    if (error instanceof ConnectionError && this.reviveAfter > 0) {
      this.revival = setTimeout(() => void this.resume(), this.reviveAfter);
    }
  }

  /** @param {Phase} phase */
  #setPhase(phase) {
    this.phase = phase;
    if (!this.running) {
      clearTimeout(this.revival);
      this.release();
    }
    this.onChange();
  }
}

/**
 * Why an upload was interrupted, for a person.
 * @param {unknown} problem
 * @param {Record<string, string>} texts
 */
export function problemText(problem, texts) {
  return problem instanceof AnswerError
    ? problem.message || fill(texts.server_error, { status: problem.status })
    : texts.no_connection;
}

/**
 * @param {Failure} failure
 * @param {Record<string, string>} texts
 */
export function failureText({ reason, error }, texts) {
  return error || texts[reason];
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
  if (!(error instanceof AnswerError) || FATAL.includes(error.status)) return false;
  // 409: the server stands elsewhere than was thought; the next attempt asks where.
  return error.status >= 500 || error.status === 409;
}
