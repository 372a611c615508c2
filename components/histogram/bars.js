// Where bars stand on their axis, what they are called, and which of them a brush touches.

/**
 * What Python sends; see `histogram` in __init__.py.
 * @typedef {{
 *   view: string, of: string, kind: 'text' | 'number' | 'date', title: string, unit: string,
 *   labels: string[], edges: number[], totals: number[], selected: number[],
 *   mode: 'replace' | 'add' | 'remove' | 'intersect', height: number, plotly_url: string,
 *   texts: Record<string, string>, language: string,
 * }} HistogramData
 */

const LONGEST = 18;
const GAP = 0.08;

/**
 * The ends of the bars on the axis: places of texts, values of numbers, milliseconds of dates.
 * @param {HistogramData} data
 * @returns {number[]} B + 1, ascending
 */
export function ends({ kind, labels, edges }) {
  if (kind === 'text') return Array.from({ length: labels.length + 1 }, (_, place) => place - 0.5);
  return kind === 'date' ? edges.map((seconds) => seconds * 1000) : edges;
}

/**
 * Middles and widths of the bars, a little narrower than their part of the axis.
 * @param {number[]} between B + 1 ends
 */
export function shapes(between) {
  const widths = between.slice(1).map((end, bar) => end - between[bar]);
  return {
    x: widths.map((width, bar) => between[bar] + width / 2),
    width: widths.map((width) => width * (1 - GAP)),
  };
}

/**
 * The bars that lie in a part of the axis, or are touched by it.
 * @param {number[]} between B + 1 ends
 * @param {number} from
 * @param {number} to
 * @returns {number[]} ascending
 */
export function touched(between, from, to) {
  const [low, high] = from < to ? [from, to] : [to, from];
  const bars = [];
  for (let bar = 0; bar + 1 < between.length; bar++) {
    const within = between[bar] < high && between[bar + 1] > low;
    // A click has no width.
    if (within || (low === high && between[bar] <= low && low < between[bar + 1])) bars.push(bar);
  }
  return bars;
}

/**
 * What a bar is called in full.
 * @param {HistogramData} data
 * @param {number} bar
 */
export function barName({ kind, labels, edges, unit, language }, bar) {
  if (kind === 'text') return labels[bar];
  if (kind === 'date') {
    const day = edges[bar + 1] - edges[bar] >= 86_400;
    const format = new Intl.DateTimeFormat(language, {
      dateStyle: 'medium', timeZone: 'UTC', ...(day ? {} : { timeStyle: 'short' }),
    });
    return format.formatRange(edges[bar] * 1000, edges[bar + 1] * 1000 - 1);
  }
  const [low, high] = [edges[bar], edges[bar + 1]];
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 6 });
  const single = high - low === 1 && Number.isInteger(low + 0.5);
  const text = single ? number.format(low + 0.5) : `${number.format(low)} – ${number.format(high)}`;
  return unit ? `${text} ${unit}` : text;
}

/**
 * What stands below a bar of a text.
 * @param {string} label
 */
export function tickText(label) {
  return escaped(label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label);
}

/**
 * Plotly reads some markup in texts; names of classes are no markup.
 * @param {string} text
 */
export function escaped(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
