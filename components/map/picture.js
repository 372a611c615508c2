// The map as a PNG file and its legend as an SVG file.

import { svgElement } from '../shared/dom.js';
import { scaleEnds } from './text.js';

const ROW = 22;
const WIDTH = 320;

/**
 * @param {import('./types.js').Legend} legend
 * @param {(entry: import('./types.js').LegendEntry) => string} labelOf
 * @param {string} ink CSS colour of the text
 * @param {string} language
 * @returns {string} an SVG document
 */
export function legendSvg({ title, entries, scale }, labelOf, ink, language) {
  const top = (title ? ROW : 0) + (scale ? 2 * ROW : 0);
  const height = top + entries.length * ROW + ROW / 2;
  const root = svgElement('svg', {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: String(WIDTH),
    height: String(height),
    'font-family': 'sans-serif',
    'font-size': '14',
    fill: ink,
  });
  if (title) root.append(svgElement('text', { x: '8', y: '17', 'font-weight': '600' }, title));
  if (scale) root.append(...scaleParts(scale, title ? ROW : 0, language));
  entries.forEach((entry, row) => {
    const y = top + row * ROW + ROW / 2;
    root.append(
      svgElement('circle', { cx: '14', cy: String(y), r: '6', fill: entry.colour }),
      svgElement('text', { x: '28', y: String(y + 5) }, `${labelOf(entry)} (${entry.count})`),
    );
  });
  return new XMLSerializer().serializeToString(root);
}

/**
 * @param {import('./types.js').ColourScale} scale
 * @param {number} top
 * @param {string} language
 */
function scaleParts(scale, top, language) {
  const { unit, colours } = scale;
  const [low, high] = scaleEnds(scale, language).map((end) => `${end} ${unit}`.trim());
  const step = (WIDTH - 16) / colours.length;
  const bars = colours.map((colour, i) => svgElement('rect', {
    x: String(8 + i * step), y: String(top + 4), width: String(step + 0.5), height: '12', fill: colour,
  }));
  const y = String(top + 34);
  return [
    ...bars,
    svgElement('text', { x: '8', y }, low),
    svgElement('text', { x: String(WIDTH - 8), y, 'text-anchor': 'end' }, high),
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
