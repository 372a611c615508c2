// What Python sends with every run, as short as it can be.

/** @typedef {import('./types.js').MapData} MapData */

/**
 * @typedef {Omit<MapData, 'texts' | 'palette'> & {texts_url: string, empty: string, palette: string}} Message
 * `palette`: red, green and blue of each colour behind those of a scale, a byte each, base 64;
 * `empty` takes the place of the text for a map without points, if it is one.
 */

/**
 * @param {Message} message
 * @param {Record<string, string>} texts of the map
 * @returns {MapData}
 */
export function unpacked({ texts_url: _url, empty, palette, ...data }, texts) {
  const { scale } = data.legend;
  const all = [...(scale ? spread(scale.colours, scale.steps) : []), ...colours(palette)];
  return { ...data, palette: all, texts: empty ? { ...texts, empty } : texts };
}

/**
 * So many colours, evenly between the given ones.
 * @param {string[]} anchors `#rrggbb`, two or more
 * @param {number} steps two or more
 */
function spread(anchors, steps) {
  const parts = anchors.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return Array.from({ length: steps }, (_, step) => {
    const place = (step * (parts.length - 1)) / (steps - 1);
    const low = Math.min(Math.floor(place), parts.length - 2);
    return /** @type {[number, number, number]} */ (parts[low].map((from, channel) =>
      Math.round(from + (place - low) * (parts[low + 1][channel] - from))));
  });
}

/** @param {string} packed */
function colours(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return Array.from({ length: bytes.length / 3 }, (_, code) =>
    /** @type {[number, number, number]} */ ([...bytes.subarray(3 * code, 3 * code + 3)]));
}
