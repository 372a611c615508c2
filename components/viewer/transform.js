// Where the picture lies in its frame. All lengths are CSS px; a picture pixel is one CSS px at
// scale 1.

/** @typedef {{scale: number, x: number, y: number}} Transform  x, y: the picture's corner */
/** @typedef {{width: number, height: number}} Size */

const MAX_SCALE = 32;
// Part of the frame that always shows some of the picture.
const KEEP = 48;

/**
 * The whole picture, as large as the frame allows, in the middle. Small pictures grow, up to 8
 * times, so that a thumbnail-sized original can be judged.
 * @param {Size} picture
 * @param {Size} frame
 * @returns {Transform}
 */
export function fitted(picture, frame) {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height, 8);
  return centred(picture, frame, scale);
}

/**
 * @param {Size} picture
 * @param {Size} frame
 * @param {number} scale
 * @returns {Transform}
 */
export function centred(picture, frame, scale) {
  return {
    scale,
    x: (frame.width - picture.width * scale) / 2,
    y: (frame.height - picture.height * scale) / 2,
  };
}

/**
 * Change the scale and keep the picture's point under (x, y) where it is.
 * @param {Transform} transform
 * @param {number} factor
 * @param {number} x in the frame
 * @param {number} y in the frame
 * @param {number} smallest scale allowed
 * @returns {Transform}
 */
export function zoomed(transform, factor, x, y, smallest) {
  const scale = Math.min(Math.max(transform.scale * factor, smallest), MAX_SCALE);
  const ratio = scale / transform.scale;
  return { scale, x: x - (x - transform.x) * ratio, y: y - (y - transform.y) * ratio };
}

/**
 * Keep some of the picture in the frame.
 * @param {Transform} transform
 * @param {Size} picture
 * @param {Size} frame
 * @returns {Transform}
 */
export function held(transform, picture, frame) {
  const { scale } = transform;
  const within = (
    /** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ room,
  ) => Math.min(Math.max(at, Math.min(KEEP - length, room - length)), Math.max(room - KEEP, 0));
  return {
    scale,
    x: within(transform.x, picture.width * scale, frame.width),
    y: within(transform.y, picture.height * scale, frame.height),
  };
}

/**
 * A box of the picture in the frame.
 * @param {[number, number, number, number]} box x0, y0, x1, y1 as shares of the picture
 * @param {Transform} transform
 * @param {Size} picture
 * @returns {{x: number, y: number, width: number, height: number}}
 */
export function boxInFrame(box, transform, picture) {
  const across = picture.width * transform.scale;
  const down = picture.height * transform.scale;
  return {
    x: transform.x + box[0] * across,
    y: transform.y + box[1] * down,
    width: (box[2] - box[0]) * across,
    height: (box[3] - box[1]) * down,
  };
}

/**
 * How far the picture must go so that a box is seen; nothing where all of it or much of it is.
 * @param {{x: number, y: number, width: number, height: number}} box in the frame
 * @param {Size} frame
 * @returns {{dx: number, dy: number}}
 */
export function panInto(box, frame) {
  const along = (/** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ room) => {
    const inside = Math.min(at + length, room) - Math.max(at, 0);
    return inside >= Math.min(length, room / 2) ? 0 : room / 2 - (at + length / 2);
  };
  return { dx: along(box.x, box.width, frame.width), dy: along(box.y, box.height, frame.height) };
}
