// What Python sends with every run, as short as it can be.

/** @typedef {import('./types.js').MapData} MapData */

/**
 * @typedef {Omit<MapData, 'texts' | 'palette'> & {texts_url: string, empty: string, palette: string}} Message
 * `palette`: red, green and blue of each colour, a byte each, base 64; `empty` takes the place of
 * the text for a map without points, if it is one.
 */

/**
 * @param {Message} message
 * @param {Record<string, string>} texts of the map
 * @returns {MapData}
 */
export function unpacked({ texts_url: _url, empty, palette, ...data }, texts) {
  return { ...data, palette: colours(palette), texts: empty ? { ...texts, empty } : texts };
}

/** @param {string} packed */
function colours(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return Array.from({ length: bytes.length / 3 }, (_, code) =>
    /** @type {[number, number, number]} */ ([...bytes.subarray(3 * code, 3 * code + 3)]));
}
