// Image ids as components/map/points.py packs them: zigzag differences in base 128, in zlib.

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} n number of ids
 * @returns {Promise<Float64Array>} the ids, N
 */
export async function unpackIds(packed, n) {
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer());
  const ids = new Float64Array(n);
  let id = 0;
  for (let i = 0, at = 0; i < n; i++) {
    let value = 0;
    // Not shifted: ids go beyond 32 bits.
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * weight;
      if (byte < 128) break;
    }
    id += value % 2 ? -(value + 1) / 2 : value / 2;
    ids[i] = id;
  }
  return ids;
}
