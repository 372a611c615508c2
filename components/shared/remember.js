// What an address gives, asked for once.

/**
 * Remember what `load` gives for each address. A failure is forgotten: asking again retries.
 * @template T
 * @param {(url: string) => Promise<T>} load
 * @param {number} [limit] addresses remembered, the ones asked for first are forgotten first
 * @returns {(url: string) => Promise<T>}
 */
export function remembering(load, limit = Infinity) {
  /** @type {Map<string, Promise<T>>} */
  const known = new Map();
  return (url) => {
    const before = known.get(url);
    if (before) return before;
    const pending = load(url);
    known.set(url, pending);
    pending.catch(() => known.delete(url));
    const oldest = known.keys().next().value;
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return pending;
  };
}

/**
 * @param {string} url
 * @returns {Promise<Response>} rejects when the server does not deliver
 */
export async function delivered(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response;
}
