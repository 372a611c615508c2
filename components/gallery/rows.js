// What is known of the images in sight: asked for in batches, kept on the client.

/**
 * @typedef {{
 *   id: number, name: string, label: string | null, confidence: number | null,
 *   tags: {name: string, colour: string | null}[], boxes: number, width: number, height: number,
 *   unread?: boolean,
 * }} ImageRow
 */

const BATCH = 200;
const KEPT = 20_000;
const RETRY_MS = 2000;

/** Image rows by id, fetched from one address. */
export class RowCache {
  /**
   * @param {() => void} onChange rows arrived
   * @param {typeof fetch} [request]
   */
  constructor(onChange, request = (...args) => fetch(...args)) {
    this.onChange = onChange;
    this.request = request;
    this.url = '';
    this.version = '';
    /** @type {Map<number, {row: ImageRow | null, version: string}>} */
    this.rows = new Map();
    /** @type {number[]} */
    this.wanted = [];
    this.running = false;
    this.retryAt = 0;
  }

  /**
   * @param {string} url
   * @param {string} version a new one makes every row stale; stale rows show until replaced
   */
  configure(url, version) {
    this.url = url;
    this.version = version;
  }

  /**
   * @param {number} id
   * @returns {ImageRow | null | undefined} null: there is no such image; undefined: not known yet
   */
  get(id) {
    return this.rows.get(id)?.row;
  }

  /**
   * Ask for the rows of the images in sight; what was wanted before and has not been asked for
   * yet is forgotten.
   * @param {number[]} ids
   */
  want(ids) {
    this.wanted = ids;
    void this.#fetchNext();
  }

  async #fetchNext() {
    if (this.running || Date.now() < this.retryAt) return;
    // Only now: an answer that was under way may have brought some of them.
    this.wanted = this.wanted.filter((id) => this.rows.get(id)?.version !== this.version);
    if (!this.wanted.length) return;
    this.running = true;
    const ids = this.wanted.splice(0, BATCH);
    const version = this.version;
    try {
      this.#store(ids, await this.#ask(ids), version);
      this.onChange();
    } catch {
      // A failed request must not become a storm: what is still wanted is asked again later.
      this.retryAt = Date.now() + RETRY_MS;
      this.wanted = ids.concat(this.wanted);
      setTimeout(() => void this.#fetchNext(), RETRY_MS + 50);
    } finally {
      this.running = false;
    }
    await this.#fetchNext();
  }

  /**
   * @param {number[]} ids
   * @returns {Promise<ImageRow[]>}
   */
  async #ask(ids) {
    const response = await this.request(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Datag-Request': '1' },
      body: JSON.stringify({ ids }),
    });
    if (!response.ok) throw new Error(`${this.url}: ${response.status}`);
    return (await response.json()).rows;
  }

  /**
   * @param {number[]} ids that were asked for
   * @param {ImageRow[]} rows those that exist
   * @param {string} version
   */
  #store(ids, rows, version) {
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const id of ids) {
      this.rows.delete(id);
      this.rows.set(id, { row: found.get(id) ?? null, version });
    }
    for (const id of this.rows.keys()) {
      if (this.rows.size <= KEPT) break;
      this.rows.delete(id);
    }
  }
}
