// From world to screen: 4 x 4 matrices in column-major order, float64, OpenGL clip space.

/** @typedef {number[]} Matrix 16 numbers, column-major */
/** @typedef {[number, number, number]} Vector */

/**
 * View matrix of an eye that looks at a target (gluLookAt).
 * @param {Vector} eye
 * @param {Vector} target must differ from the eye, and not lie straight along `up`
 * @param {Vector} up
 * @returns {Matrix}
 */
export function lookAt(eye, target, up) {
  const back = normalise([eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]);
  const right = normalise(cross(up, back));
  const top = cross(back, right);
  return [
    right[0], top[0], back[0], 0,
    right[1], top[1], back[1], 0,
    right[2], top[2], back[2], 0,
    -dot(right, eye), -dot(top, eye), -dot(back, eye), 1,
  ];
}

/**
 * @param {number} fovY vertical field of view, radians
 * @param {number} aspect width / height
 * @param {number} near
 * @param {number} far
 * @returns {Matrix}
 */
export function perspective(fovY, aspect, near, far) {
  const k = 1 / Math.tan(fovY / 2);
  const depth = near - far;
  return [k / aspect, 0, 0, 0, 0, k, 0, 0, 0, 0, (far + near) / depth, -1, 0, 0, (2 * far * near) / depth, 0];
}

/**
 * Parallel projection of the box that is centred at (x, y), seen along -z, with z in [-1, 1].
 * @param {number} x
 * @param {number} y
 * @param {number} halfWidth
 * @param {number} halfHeight
 * @returns {Matrix}
 */
export function orthographic(x, y, halfWidth, halfHeight) {
  return [1 / halfWidth, 0, 0, 0, 0, 1 / halfHeight, 0, 0, 0, 0, -1, 0, -x / halfWidth, -y / halfHeight, 0, 1];
}

/**
 * @param {Matrix} a
 * @param {Matrix} b
 * @returns {Matrix} a b
 */
export function multiply(a, b) {
  const product = new Array(16);
  for (let column = 0; column < 16; column += 4) {
    for (let row = 0; row < 4; row++) {
      product[column + row] = a[row] * b[column] + a[4 + row] * b[column + 1]
        + a[8 + row] * b[column + 2] + a[12 + row] * b[column + 3];
    }
  }
  return product;
}

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

const EVERYWHERE = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };

/**
 * Call `visit(index, x, y, depth, w)` for every point that is drawn: in front of the camera, between
 * the near and far planes, not of a hidden class, and inside `box`; the screen's sides do not
 * clip. A visit that gives true is the last one.
 *
 * @param {import('./types.js').Cloud} cloud
 * @param {Matrix} matrix world to clip space
 * @param {number} width of the screen, CSS px
 * @param {number} height of the screen, CSS px
 * @param {(index: number, x: number, y: number, depth: number, w: number) => boolean | void} visit x, y in
 *   CSS px from the top left corner; depth in [-1, 1], smaller is nearer; w the distance along the
 *   line of sight, 1 on a flat map
 * @param {Box} [box] CSS px; everywhere if none is given
 */
export function eachVisiblePoint(cloud, matrix, width, height, visit, box = EVERYWHERE) {
  const { positions, codes, hidden } = cloud;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15] = matrix;
  // The box in clip space, where a point is compared with it before the costly divisions; a pixel
  // wider, so that rounding loses no point.
  const low = ((box.left - 1) / width) * 2 - 1;
  const high = ((box.right + 1) / width) * 2 - 1;
  const bottom = 1 - ((box.bottom + 1) / height) * 2;
  const top = 1 - ((box.top - 1) / height) * 2;
  for (let i = 0, at = 0; i < codes.length; i++, at += 3) {
    if (hidden[codes[i]]) continue;
    const x = positions[at];
    const y = positions[at + 1];
    const z = positions[at + 2];
    const w = m3 * x + m7 * y + m11 * z + m15;
    if (w <= 0) continue;
    const right = m0 * x + m4 * y + m8 * z + m12;
    if (right < low * w || right > high * w) continue;
    const up = m1 * x + m5 * y + m9 * z + m13;
    if (up < bottom * w || up > top * w) continue;
    const depth = (m2 * x + m6 * y + m10 * z + m14) / w;
    if (depth < -1 || depth > 1) continue;
    const screenX = ((right / w) * 0.5 + 0.5) * width;
    const screenY = (0.5 - (up / w) * 0.5) * height;
    if (visit(i, screenX, screenY, depth, w) === true) return;
  }
}

/**
 * @param {Vector} a
 * @param {Vector} b
 * @returns {Vector}
 */
function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/**
 * @param {Vector} a
 * @param {Vector} b
 */
function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/**
 * @param {Vector} v
 * @returns {Vector}
 */
function normalise(v) {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}
