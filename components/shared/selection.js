// Selections between the browser and Python; components/selection.py is the other half.

/** @typedef {{enc: 'bits' | 'u32', n: number, b64: string}} SelectionPayload */

/**
 * Number of selected items in a mask.
 * @param {Uint8Array} mask one byte an item, 1 = selected
 */
export function countSelected(mask) {
  let count = 0;
  for (let i = 0; i < mask.length; i++) count += mask[i];
  return count;
}

/**
 * Encode a mask as the shorter of a bit set and an index list.
 * @param {Uint8Array} mask one byte an item, 1 = selected
 * @returns {SelectionPayload}
 */
export function encodeSelection(mask) {
  const n = mask.length;
  const count = countSelected(mask);
  if (count * 32 >= n) return { enc: 'bits', n, b64: toBase64(packBits(mask)) };
  return { enc: 'u32', n, b64: toBase64(packIndices(mask, count)) };
}

/**
 * One bit an item, low bit first.
 * @param {Uint8Array} mask
 */
export function packBits(mask) {
  const bytes = new Uint8Array((mask.length + 7) >> 3);
  for (let i = 0; i < mask.length; i++) if (mask[i]) bytes[i >> 3] |= 1 << (i & 7);
  return bytes;
}

/**
 * Write packed bits into a mask; items beyond the bits become 0.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} mask
 */
export function unpackBits(bytes, mask) {
  for (let i = 0; i < mask.length; i++) mask[i] = (bytes[i >> 3] >> (i & 7)) & 1;
}

/**
 * @param {Uint8Array} mask
 * @param {number} count number of ones in the mask
 */
function packIndices(mask, count) {
  const view = new DataView(new ArrayBuffer(count * 4));
  for (let i = 0, at = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    view.setUint32(at, i, true);
    at += 4;
  }
  return new Uint8Array(view.buffer);
}

// String.fromCharCode takes its bytes as arguments, and engines cap the number of arguments.
const CHUNK = 0x8000;

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  }
  return btoa(text);
}
