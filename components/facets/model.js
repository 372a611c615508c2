// Which groups are open, how many values each shows, and how long its bars are.

/**
 * @typedef {{value: string, label: string, count: number, added: boolean, depth: number}} Value
 * @typedef {{field: string, label: string, values: Value[], rest: number}} Group
 */

const FEW = 6;
const OPEN_AT_FIRST = 3;

export class Folding {
  constructor() {
    /** What someone opened or closed. @type {Map<string, boolean>} */
    this.chosen = new Map();
    /** Groups that show all their values. @type {Set<string>} */
    this.whole = new Set();
    /** Values with others below them that someone opened or closed, by field and value. */
    this.levels = /** @type {Map<string, boolean>} */ (new Map());
  }

  /**
   * The groups that are open: those that someone opened, else the first that tell something apart.
   * @param {Group[]} groups
   * @returns {Set<string>} their fields
   */
  open(groups) {
    const telling = groups.filter(({ values, rest }) => values.length + rest > 1);
    const first = new Set(telling.slice(0, OPEN_AT_FIRST).map(({ field }) => field));
    const fields = groups.map(({ field }) => field);
    return new Set(fields.filter((field) => this.chosen.get(field) ?? first.has(field)));
  }

  /**
   * @param {Group} group
   * @returns {Value[]} what it shows: those that are added, and the most frequent
   */
  shown(group) {
    const values = this.unfolded(group);
    if (this.whole.has(group.field)) return values;
    return values.filter((value, index) => index < FEW || value.added);
  }

  /**
   * @param {Group} group
   * @returns {Value[]} its values without those below closed ones
   */
  unfolded(group) {
    let closed = Infinity;
    return group.values.filter((value, index) => {
      if (value.depth > closed) return value.added;
      closed = hasBelow(group, index) && !this.isOpen(group, value) ? value.depth : Infinity;
      return true;
    });
  }

  /**
   * Whether the values below one show: as someone chose, else while all of the group are few.
   * @param {Group} group
   * @param {Value} value
   */
  isOpen(group, value) {
    return this.levels.get(levelKey(group, value)) ?? group.values.length <= FEW;
  }

  /** @param {Group} group @param {Value} value */
  turn(group, value) {
    this.levels.set(levelKey(group, value), !this.isOpen(group, value));
  }
}

/** @param {Group} group @param {Value} value */
function levelKey(group, value) {
  return JSON.stringify([group.field, value.value]);
}

/**
 * Whether other values stand below one.
 * @param {Group} group
 * @param {number} index
 */
export function hasBelow({ values }, index) {
  return index + 1 < values.length && values[index + 1].depth > values[index].depth;
}

/**
 * Length of each bar as a share of the longest.
 * @param {Group} group
 * @returns {number[]} in [0, 1], one for each value
 */
export function lengths({ values }) {
  const most = Math.max(1, ...values.map(({ count }) => count));
  return values.map(({ count }) => count / most);
}
