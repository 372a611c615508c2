// Which groups are open, how many values each shows, and how long its bars are.

/**
 * @typedef {{value: string, label: string, count: number, added: boolean}} Value
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
    if (this.whole.has(group.field)) return group.values;
    return group.values.filter((value, index) => index < FEW || value.added);
  }
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
