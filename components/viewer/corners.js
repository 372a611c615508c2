// Boxes as four shares of the picture: drawn, moved, resized, and found under a finger.
// Nothing here ever gives a box that reaches beyond the picture or has no area.

/** @typedef {[number, number, number, number]} Corners  x0, y0, x1, y1 as shares of the picture */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Rectangle */
/** @typedef {'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w'} Handle */
/** @typedef {{index: number, part: Handle | 'edge' | 'inside'}} Hit */

/** @type {Handle[]} */
export const HANDLES = ['nw', 'ne', 'se', 'sw', 'n', 'e', 's', 'w'];

const SMALL = 5; // times the reach: a box below it is taken by its corners alone

/** @param {number} share */
const clamped = (share) => Math.min(Math.max(share, 0), 1);

/**
 * The box between two points; null when nothing of it lies in the picture.
 * @param {Point} a shares of the picture
 * @param {Point} b
 * @returns {Corners | null}
 */
export function spanned(a, b) {
  const [x0, x1] = [clamped(Math.min(a.x, b.x)), clamped(Math.max(a.x, b.x))];
  const [y0, y1] = [clamped(Math.min(a.y, b.y)), clamped(Math.max(a.y, b.y))];
  return x0 < x1 && y0 < y1 ? [x0, y0, x1, y1] : null;
}

/**
 * Move a box as far as the picture reaches; its size stays.
 * @param {Corners} box
 * @param {number} dx shares
 * @param {number} dy
 * @returns {Corners}
 */
export function moved([x0, y0, x1, y1], dx, dy) {
  const right = Math.min(Math.max(dx, -x0), 1 - x1);
  const down = Math.min(Math.max(dy, -y0), 1 - y1);
  // Sums of shares may miss the border by their last digit.
  return [clamped(x0 + right), clamped(y0 + down), clamped(x1 + right), clamped(y1 + down)];
}

/**
 * Take a box by one of its handles; past the opposite side it turns over.
 * @param {Corners} box
 * @param {Handle} handle
 * @param {Point} to shares: where the handle goes
 * @param {Point} least smallest width and height, shares
 * @returns {Corners}
 */
export function resized([x0, y0, x1, y1], handle, to, least) {
  let [left, right, top, bottom] = [x0, x1, y0, y1];
  if (handle.includes('w')) [left, right] = stretch(x1, to.x, least.x, -1);
  if (handle.includes('e')) [left, right] = stretch(x0, to.x, least.x, 1);
  if (handle.includes('n')) [top, bottom] = stretch(y1, to.y, least.y, -1);
  if (handle.includes('s')) [top, bottom] = stretch(y0, to.y, least.y, 1);
  return [left, top, right, bottom];
}

/**
 * From a side that stays to where the other one is taken, in order and within the picture.
 * @param {number} stays
 * @param {number} to
 * @param {number} least how far apart they remain
 * @param {-1 | 1} direction in which the moved side lay
 * @returns {[number, number]}
 */
function stretch(stays, to, least, direction) {
  const wanted = clamped(to);
  if (Math.abs(wanted - stays) >= least) return ordered(stays, wanted);
  const beside = stays + Math.sign(wanted - stays || direction) * least;
  return ordered(stays, beside === clamped(beside) ? beside : clamped(2 * stays - beside));
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {[number, number]}
 */
function ordered(a, b) {
  return a <= b ? [a, b] : [b, a];
}

/**
 * Where each handle of a box lies.
 * @param {Rectangle} at the box on the screen
 * @returns {Record<Handle, Point>}
 */
export function handlePoints({ x, y, width, height }) {
  const [middle, centre, right, bottom] = [x + width / 2, y + height / 2, x + width, y + height];
  return {
    nw: { x, y },
    n: { x: middle, y },
    ne: { x: right, y },
    e: { x: right, y: centre },
    se: { x: right, y: bottom },
    s: { x: middle, y: bottom },
    sw: { x, y: bottom },
    w: { x, y: centre },
  };
}

/**
 * What lies under a point: a handle or side of the selected box, its inside, then the nearest edge
 * of another, then the smallest box around it.
 * @param {Rectangle[]} boxes on the screen
 * @param {number | null} selected
 * @param {Point} at
 * @param {number} tolerance px
 * @returns {Hit | null}
 */
export function hit(boxes, selected, at, tolerance) {
  if (selected !== null && boxes[selected]) {
    const handle = handleAt(boxes[selected], at, tolerance);
    if (handle) return { index: selected, part: handle };
    if (holds(boxes[selected], at)) return { index: selected, part: 'inside' };
  }
  const places = boxes.map((_, index) => index);
  const nearest = least(places, (index) => edgeDistance(boxes[index], at));
  if (nearest !== null && edgeDistance(boxes[nearest], at) <= tolerance) {
    return { index: nearest, part: 'edge' };
  }
  const around = places.filter((index) => holds(boxes[index], at));
  const smallest = least(around, (index) => boxes[index].width * boxes[index].height);
  return smallest === null ? null : { index: smallest, part: 'inside' };
}

/**
 * @param {Rectangle} box
 * @param {Point} at
 * @param {number} tolerance
 * @returns {Handle | null}
 */
function handleAt(box, at, tolerance) {
  const points = handlePoints(box);
  // A side is taken anywhere along it, but for a box so small that it could not be moved then.
  const across = { ...points.n, x: Math.min(Math.max(at.x, box.x), box.x + box.width) };
  const down = { ...points.w, y: Math.min(Math.max(at.y, box.y), box.y + box.height) };
  if (box.height > SMALL * tolerance) {
    [points.n, points.s] = [across, { ...across, y: points.s.y }];
  }
  if (box.width > SMALL * tolerance) [points.w, points.e] = [down, { ...down, x: points.e.x }];
  const away = (/** @type {Handle} */ name) => (
    Math.max(Math.abs(points[name].x - at.x), Math.abs(points[name].y - at.y))
  );
  const small = Math.min(box.width, box.height) <= SMALL * tolerance;
  const near = HANDLES.filter((name) => away(name) <= tolerance && (name.length === 2 || !small));
  // The corners come first in the list.
  return near[0] ?? null;
}

/**
 * @param {Rectangle} box
 * @param {Point} at
 * @returns {number} px from the box's outline; inside and outside alike
 */
function edgeDistance({ x, y, width, height }, at) {
  const across = Math.max(x - at.x, at.x - x - width);
  const down = Math.max(y - at.y, at.y - y - height);
  if (across > 0 && down > 0) return Math.hypot(across, down);
  return Math.abs(Math.max(across, down));
}

/**
 * @param {Rectangle} box
 * @param {Point} at
 */
function holds({ x, y, width, height }, at) {
  return at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + height;
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} measure
 * @returns {T | null} the item of the smallest measure
 */
function least(items, measure) {
  let best = null;
  let smallest = Infinity;
  for (const item of items) {
    const size = measure(item);
    if (size < smallest) [best, smallest] = [item, size];
  }
  return best;
}
