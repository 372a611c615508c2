// Binary data over HTTP. Addresses are content addresses: the same address is the same bytes.

const KEPT = 12;

/** @type {Map<string, Promise<ArrayBuffer>>} */
const buffers = new Map();

/**
 * The bytes at an address, fetched once.
 * @param {string} url
 * @returns {Promise<ArrayBuffer>} rejects when the server does not deliver; asking again retries
 */
export function fetchBuffer(url) {
  const known = buffers.get(url);
  if (known) return known;
  const pending = load(url);
  buffers.set(url, pending);
  pending.catch(() => buffers.delete(url));
  const oldest = buffers.keys().next().value;
  if (buffers.size > KEPT && oldest !== undefined) buffers.delete(oldest);
  return pending;
}

/** @param {string} url */
async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.arrayBuffer();
}
