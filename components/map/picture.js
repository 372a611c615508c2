// The map as a PNG file with its legend beside it, and the legend alone as an SVG file.

import { element, svgElement } from '../shared/dom.js';
import { scaleEnds } from './text.js';

const ROW = 22;
// CSS px of the legend; between these it is as wide as its longest line.
const NARROWEST = 150;
const WIDEST = 420;
const TEXT_AT = 28;
const FONT = '14px sans-serif';

/**
 * @typedef {object} LegendLook
 * @property {(entry: import('./types.js').LegendEntry) => string} labelOf
 * @property {string} ink CSS colour of the text
 * @property {string} language BCP 47
 */

/**
 * @param {import('./types.js').Legend} legend
 * @param {LegendLook} look
 * @returns {{svg: string, width: number, height: number}} an SVG document and its size, CSS px
 */
export function legendSvg({ title, entries, scale }, { labelOf, ink, language }) {
  const lines = entries.map((entry) => `${labelOf(entry)} (${entry.count.toLocaleString(language)})`);
  const width = widthOf([title, ...lines]);
  const top = (title ? ROW : 0) + (scale ? 2 * ROW : 0);
  const height = top + entries.length * ROW + ROW / 2;
  const root = svgElement('svg', {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width: String(width),
    height: String(height),
    'font-family': 'sans-serif',
    'font-size': '14',
    fill: ink,
  });
  if (title) root.append(svgElement('text', { x: '8', y: '17', 'font-weight': '600' }, title));
  if (scale) root.append(...scaleParts(scale, title ? ROW : 0, width, language));
  entries.forEach((entry, row) => {
    const y = top + row * ROW + ROW / 2;
    root.append(
      svgElement('circle', { cx: '14', cy: String(y), r: '6', fill: entry.colour }),
      svgElement('text', { x: String(TEXT_AT), y: String(y + 5) }, lines[row]),
    );
  });
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

/** @param {string[]} lines */
function widthOf(lines) {
  const context = element('canvas').getContext('2d');
  if (!context) return WIDEST;
  context.font = FONT;
  const longest = Math.max(...lines.map((line) => context.measureText(line).width));
  return Math.ceil(Math.max(NARROWEST, Math.min(WIDEST, TEXT_AT + longest * 1.05 + 8)));
}

/**
 * The picture of the map with the legend to its right.
 * @param {Blob} picture PNG
 * @param {{svg: string, width: number, height: number}} legend
 * @param {number} density device pixels a CSS px
 * @param {string} background CSS colour
 * @returns {Promise<Blob | null>} PNG
 */
export async function withLegend(picture, legend, density, background) {
  const map = await createImageBitmap(picture);
  const drawn = new Image();
  drawn.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(legend.svg)}`;
  await drawn.decode();
  const [width, height] = [legend.width, legend.height].map((side) => Math.ceil(side * density));
  const size = { width: String(map.width + width), height: String(Math.max(map.height, height)) };
  const canvas = element('canvas', size);
  const context = canvas.getContext('2d');
  if (context) {
    context.fillStyle = background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(map, 0, 0);
    context.drawImage(drawn, map.width, 0, width, height);
  }
  return new Promise((resolve) => canvas.toBlob(resolve));
}

/**
 * @param {import('./types.js').ColourScale} scale
 * @param {number} top
 * @param {number} width
 * @param {string} language
 */
function scaleParts(scale, top, width, language) {
  const { unit, colours } = scale;
  const [low, high] = scaleEnds(scale, language).map((end) => `${end} ${unit}`.trim());
  const step = (width - 16) / colours.length;
  const bars = colours.map((colour, i) => svgElement('rect', {
    x: String(8 + i * step), y: String(top + 4), width: String(step + 0.5), height: '12', fill: colour,
  }));
  const y = String(top + 34);
  return [
    ...bars,
    svgElement('text', { x: '8', y }, low),
    svgElement('text', { x: String(width - 8), y, 'text-anchor': 'end' }, high),
  ];
}

/**
 * Hand a file to the visitor.
 * @param {Blob} content
 * @param {string} name
 */
export function saveFile(content, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
