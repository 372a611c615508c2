// The elements of a map: toolbar above, stage and legend side by side, a line of hints below.

import { button, element, svgElement } from '../shared/dom.js';
import { Compass } from './guides.js';
import { Labels } from './labels.js';
import { Legend } from './legend.js';
import { Pins } from './pins.js';
import { Toolbar } from './toolbar.js';
import { Tooltip } from './tooltip.js';

export class Layout {
  /**
   * @param {import('./toolbar.js').ToolbarActions} actions
   * @param {import('./legend.js').LegendActions} legendActions
   */
  constructor(actions, legendActions) {
    this.toolbar = new Toolbar(actions);
    this.legend = new Legend(legendActions);
    this.tooltip = new Tooltip();
    this.compass = new Compass();
    this.labels = new Labels();
    this.pins = new Pins();
    this.canvas = element('canvas');
    this.outline = svgElement('path', { 'fill-rule': 'evenodd' });
    this.message = element('div', { class: 'message', hidden: '' });
    this.hint = element('div', { class: 'hint' });
    this.carving = element('div', { class: 'hint carving', hidden: '' });
    this.stage = element(
      'div',
      { class: 'stage', tabindex: '0', role: 'application' },
      this.canvas,
      svgElement('svg', { class: 'overlay', 'aria-hidden': 'true' }, this.outline),
      this.compass.element,
      this.labels.element,
      this.pins.element,
      this.tooltip.element,
    );
    const viewport = element('div', { class: 'viewport' }, this.stage, this.message);
    const body = element('div', { class: 'body' }, viewport, this.legend.element);
    this.root = element('section', { class: 'map' }, this.toolbar.element, body, this.hint, this.carving);
  }

  /**
   * @param {import('./types.js').MapData} data
   * @param {import('./types.js').Translate} t
   */
  translate(data, t) {
    const { height, around } = data;
    this.root.style.height = around ? `max(${height}px, calc(100vh - ${around}px))` : `${height}px`;
    this.toolbar.translate(t, data.dim);
    this.stage.setAttribute('aria-label', t('stage', { n: data.n }));
    this.hint.textContent = t(`hint_${data.dim}d`);
    this.carving.textContent = t('hint_carving');
  }

  /**
   * Draw on another canvas.
   * @param {HTMLCanvasElement} canvas
   */
  takeCanvas(canvas) {
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
  }

  /**
   * While shapes cut the selection, the line of hints says how to cut a volume out of a cloud.
   * @param {boolean} carving
   */
  showCarving(carving) {
    this.hint.hidden = carving;
    this.carving.hidden = !carving;
  }

  /**
   * A message over the stage; an empty one takes it away.
   * @param {string} text
   * @param {{label: string, action: () => void}} [remedy]
   */
  say(text, remedy) {
    this.message.hidden = !text;
    this.message.replaceChildren(element('p', { role: 'status' }, text));
    if (remedy) this.message.append(button(remedy.label, remedy.action));
  }

  /**
   * The outline of the shape being drawn.
   * @param {number[] | null} polygon CSS px
   */
  drawOutline(polygon) {
    this.outline.setAttribute('d', polygon ? `M${polygon.join(' ')}Z` : '');
  }
}
