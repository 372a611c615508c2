// In which order points are drawn: spread evenly over them all, so that the first few thousand
// show the whole cloud. Points arrive in the order in which the images were taken, where any
// simple step may meet a rhythm of the production line.

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * @param {number} n
 * @returns {Uint32Array} index of the point at each place, N, every index once
 */
export function drawOrder(n) {
  let step = Math.max(1, Math.round(n * GOLDEN));
  while (greatestCommonDivisor(step, n) > 1) step++;
  const order = new Uint32Array(n);
  for (let place = 0, index = 0; place < n; place++) {
    order[place] = index;
    index += step;
    if (index >= n) index -= n;
  }
  return order;
}

/**
 * @template {Float32Array | Uint8Array} T
 * @param {T} values `size` numbers a point
 * @param {Uint32Array} order
 * @param {number} size
 * @returns {T} the values in the order of drawing
 */
export function arrange(values, order, size) {
  const arranged = /** @type {T} */ (new (/** @type {any} */ (values.constructor))(values.length));
  for (let place = 0, to = 0; place < order.length; place++) {
    for (let part = 0, from = order[place] * size; part < size; part++) arranged[to++] = values[from++];
  }
  return arranged;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b ? greatestCommonDivisor(b, a % b) : a;
}
