// The chart itself, by plotly.js, which is loaded when the first one is drawn.

import { fill } from '../shared/dom.js';
import { barName, ends, escaped, shapes, tickText } from './bars.js';

/** @typedef {import('./bars.js').HistogramData} HistogramData */

/**
 * The part of plotly.js that is used.
 * @typedef {{
 *   react: (node: HTMLElement, data: object[], layout: object, config: object) => Promise<unknown>,
 *   purge: (node: HTMLElement) => void,
 * }} Plotly
 */

/** @type {Promise<Plotly> | null} */
let loading = null;

/**
 * @param {string} url
 * @returns {Promise<Plotly>} rejects when the server does not deliver; asking again retries
 */
export function loadPlotly(url) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error(url));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * Colours and font of the page: plotly knows no CSS variables.
 * @param {HTMLElement} node
 */
function colours(node) {
  const style = getComputedStyle(node);
  /** @param {string} name */
  const variable = (name) => style.getPropertyValue(name).trim();
  return {
    ink: style.color,
    family: style.fontFamily,
    accent: variable('--st-primary-color') || '#0068c9',
    line: variable('--st-border-color') || 'rgba(128, 128, 128, 0.3)',
  };
}

/**
 * @param {Plotly} plotly
 * @param {HTMLElement} node
 * @param {HistogramData} data
 */
export async function drawBars(plotly, node, data) {
  const between = ends(data);
  const page = colours(node);
  const { ink, accent } = page;
  const { totals, selected, texts, language } = data;
  const { x, width } = shapes(between);
  const any = selected.some((count) => count > 0);
  const hovertext = x.map((_, bar) => {
    /** @param {number} n */
    const number = (n) => n.toLocaleString(language);
    const values = { n: number(selected[bar]), total: number(totals[bar]) };
    return `${escaped(barName(data, bar))}<br>${fill(any ? texts.selected : texts.total, values)}`;
  });
  const bars = { type: 'bar', x, width, hovertext, hoverinfo: 'text', textposition: 'none' };
  const traces = [
    { ...bars, y: totals.slice(0, -1), marker: { color: ink, opacity: any ? 0.18 : 0.45 } },
    { ...bars, y: selected.slice(0, -1), marker: { color: accent }, hoverinfo: 'skip' },
  ];
  const config = { displayModeBar: false, responsive: true, doubleClick: false };
  await plotly.react(node, traces, layout(data, between, page), config);
}

/**
 * @param {HistogramData} data
 * @param {number[]} between
 * @param {ReturnType<typeof colours>} page
 */
function layout(data, between, { ink, line, family }) {
  const { kind, labels, title, unit, height, texts } = data;
  const name = escaped(unit ? `${title} (${unit})` : title);
  const axis = { fixedrange: true, color: ink, gridcolor: line, zeroline: false, automargin: true };
  const ticks = kind === 'text'
    ? { tickvals: labels.map((_, place) => place), ticktext: labels.map(tickText) }
    : { nticks: 12 };
  // There is no half an image.
  const countTicks = Math.max(...data.totals.slice(0, -1)) < 5 ? { dtick: 1 } : { nticks: 5 };
  const range = [between[0], between[between.length - 1]];
  return {
    height,
    barmode: 'overlay',
    dragmode: false,
    hovermode: 'x',
    showlegend: false,
    margin: { l: 44, r: 8, t: 6, b: 34 },
    paper_bgcolor: 'transparent',
    plot_bgcolor: 'transparent',
    font: { color: ink, size: 12, family },
    hoverlabel: { align: 'left', font: { family } },
    xaxis: {
      ...axis, ...ticks, range, type: kind === 'date' ? 'date' : 'linear', showgrid: false,
      title: { text: name, standoff: 6 },
    },
    yaxis: { ...axis, ...countTicks, rangemode: 'tozero', title: { text: escaped(texts.images) } },
  };
}
