// Thumbnails as bitmaps: a bounded number, fetched few at a time, the latest wish first.

/**
 * @typedef {object} CacheOptions
 * @property {(url: string, signal: AbortSignal) => Promise<ImageBitmap>} [load]
 * @property {number} [kept] bitmaps at most
 * @property {number} [atOnce] requests at most
 */

const KEPT = 240;
// Browsers open six connections to one server; two stay free for the points and the gallery.
const AT_ONCE = 4;
/** Device px; a panorama is as much wider as it is. */
const HEIGHT = 128;

export class PictureCache {
  /**
   * @param {() => void} onLoaded called when a wanted picture has come
   * @param {CacheOptions} [options]
   */
  constructor(onLoaded, { load = loadBitmap, kept = KEPT, atOnce = AT_ONCE } = {}) {
    this.onLoaded = onLoaded;
    this.load = load;
    this.kept = kept;
    this.atOnce = atOnce;
    /** The least recently used first; null: there is none. @type {Map<string, ImageBitmap | null>} */
    this.bitmaps = new Map();
    /** @type {Map<string, AbortController>} */
    this.asking = new Map();
    /** @type {string[]} */
    this.wanted = [];
  }

  /**
   * The picture at an address, if it is here.
   * @param {string} url
   * @returns {ImageBitmap | null | undefined} undefined: not here yet; null: it cannot be had
   */
  get(url) {
    const known = this.bitmaps.get(url);
    if (known) {
      this.bitmaps.delete(url);
      this.bitmaps.set(url, known);
    }
    return known;
  }

  /**
   * Ask for these pictures, and for no others any more.
   * @param {string[]} urls the most important first
   */
  want(urls) {
    this.wanted = urls.slice(0, this.kept).filter((url) => !this.bitmaps.has(url));
    for (const [url, asking] of this.asking) if (!this.wanted.includes(url)) asking.abort();
    this.next();
  }

  next() {
    for (const url of this.wanted) {
      if (this.asking.size >= this.atOnce) return;
      if (!this.asking.has(url) && !this.bitmaps.has(url)) void this.ask(url);
    }
  }

  /** @param {string} url */
  async ask(url) {
    const asking = new AbortController();
    this.asking.set(url, asking);
    /** @type {ImageBitmap | null} */
    let bitmap = null;
    try {
      bitmap = await this.load(url, asking.signal);
    } catch {
      // Given up, deleted meanwhile, or no longer allowed: the point stays a point.
    }
    this.asking.delete(url);
    if (asking.signal.aborted) bitmap?.close();
    else this.keep(url, bitmap);
    this.next();
  }

  /**
   * @param {string} url
   * @param {ImageBitmap | null} bitmap
   */
  keep(url, bitmap) {
    this.bitmaps.set(url, bitmap);
    for (const [oldest, old] of this.bitmaps) {
      if (this.bitmaps.size <= this.kept) break;
      old?.close();
      this.bitmaps.delete(oldest);
    }
    if (bitmap) this.onLoaded();
  }

  /** Give the memory back, and ask again for what could not be had. */
  clear() {
    this.want([]);
    for (const bitmap of this.bitmaps.values()) bitmap?.close();
    this.bitmaps.clear();
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function loadBitmap(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return createImageBitmap(await response.blob(), { resizeHeight: HEIGHT, resizeQuality: 'medium' });
}
