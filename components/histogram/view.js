// Bars that a drag or a click selects. Plotly draws them; the brush is ours, so that it knows the
// keys that are held and never zooms.

import { button, element, fill } from '../shared/dom.js';
import { barName, ends, touched } from './bars.js';
import { drawBars, loadPlotly } from './plot.js';

/** @typedef {import('./bars.js').HistogramData} HistogramData */
/** @typedef {import('../shared/mount.js').Component<HistogramData>} HistogramComponent */
/** @typedef {{shiftKey: boolean, altKey: boolean}} Keys */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 });

export class HistogramView {
  /** @param {HistogramComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.drawing = Promise.resolve();
    /** Where on the axis the pointer went down. @type {number | null} */
    this.from = null;
    /** The bar that the keyboard is on. */
    this.current = -1;
    this.brush = element('div', { class: 'brush', hidden: '' });
    this.plot = element('div', { class: 'plot' });
    this.stage = element('div', { class: 'stage', tabindex: '0', role: 'group' }, this.plot, this.brush);
    this.message = element('p', { class: 'message', role: 'status', hidden: '' });
    this.rest = button('', () => this.#send([-1], { shiftKey: false, altKey: false }), { class: 'rest' });
    this.spoken = element('output', { class: 'spoken' });
    this.root = element('div', { class: 'datag-histogram' }, this.stage, this.message, this.rest, this.spoken);
    this.#listen();
  }

  /** @param {HistogramComponent} component */
  update(component) {
    const other = component.data.of !== this.data.of;
    this.component = component;
    this.data = component.data;
    if (other) this.#moveTo(-1);
    const { texts, title, totals, selected, language, height } = this.data;
    this.stage.style.minHeight = `${height}px`;
    this.stage.setAttribute('aria-label', `${title}. ${texts.help}`);
    const [total, n] = [totals, selected].map((counts) => counts[counts.length - 1].toLocaleString(language));
    this.rest.hidden = !totals[totals.length - 1];
    this.rest.textContent = fill(n === '0' ? texts.no_value : texts.no_value_selected, { n, total });
    // One after the other: plotly draws while the next counts may come in.
    this.drawing = this.drawing.then(() => this.#draw());
  }

  async #draw() {
    const { data } = this;
    try {
      await drawBars(await loadPlotly(data.plotly_url), this.plot, data);
      this.message.hidden = true;
      this.root.dataset.ready = data.of;
      this.root.dataset.selected = JSON.stringify(data.selected);
    } catch (error) {
      console.warn(error);
      const retry = button(data.texts.retry, () => this.update(this.component));
      this.message.replaceChildren(data.texts.failed, ' ', retry);
      this.message.hidden = false;
    }
  }

  dispose() {
    /** @type {any} */ (window).Plotly?.purge(this.plot);
  }

  #listen() {
    const { stage } = this;
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#moved(event));
    stage.addEventListener('pointerup', (event) => this.#up(event));
    stage.addEventListener('pointercancel', () => this.#stop());
    stage.addEventListener('keydown', (event) => this.#key(event));
  }

  /** The part of the stage that bars are drawn in. */
  #area() {
    return this.plot.querySelector('.nsewdrag')?.getBoundingClientRect() ?? null;
  }

  /**
   * The place on the axis below the pointer; null outside the bars' part of the stage.
   * @param {PointerEvent} event
   */
  #place(event) {
    const area = this.#area();
    const between = ends(this.data);
    if (!area?.width || between.length < 2) return null;
    const share = (event.clientX - area.left) / area.width;
    const inside = share >= 0 && share <= 1 && event.clientY >= area.top && event.clientY <= area.bottom;
    if (!inside && this.from === null) return null;
    const [low, high] = [between[0], between[between.length - 1]];
    return low + Math.max(0, Math.min(1, share)) * (high - low);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    this.from = this.#place(event);
    if (this.from === null) return;
    this.stage.setPointerCapture(event.pointerId);
    this.downX = event.clientX;
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    if (this.from === null) return;
    const to = this.#place(event);
    if (to !== null) this.#outline(touched(ends(this.data), this.from, to));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const { from } = this;
    const to = this.#place(event);
    this.#stop();
    if (from === null || to === null) return;
    const still = Math.abs(event.clientX - (this.downX ?? 0)) < 3;
    const bars = touched(ends(this.data), from, still ? from : to);
    if (bars.length) this.#send(bars, event);
  }

  #stop() {
    this.from = null;
    this.brush.hidden = true;
  }

  /**
   * Draw the brush around bars.
   * @param {number[]} bars ascending
   */
  #outline(bars) {
    const area = this.#area();
    this.brush.hidden = !bars.length || !area;
    if (!bars.length || !area) return;
    const between = ends(this.data);
    const span = between[between.length - 1] - between[0];
    const stage = this.stage.getBoundingClientRect();
    /** @param {number} end */
    const x = (end) => area.left - stage.left + ((end - between[0]) / span) * area.width;
    const [left, right] = [x(between[bars[0]]), x(between[bars[bars.length - 1] + 1])];
    Object.assign(this.brush.style, {
      left: `${left}px`, width: `${right - left}px`,
      top: `${area.top - stage.top}px`, height: `${area.height}px`,
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = STEPS[event.key];
    if (step) this.#moveTo(Math.max(0, Math.min(ends(this.data).length - 2, this.current + step)));
    else if ((event.key === 'Enter' || event.key === ' ') && this.current >= 0) this.#send([this.current], event);
    else if (event.key === 'Escape') this.#moveTo(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} bar -1: none */
  #moveTo(bar) {
    this.current = bar;
    this.#outline(bar < 0 ? [] : [bar]);
    const { data } = this;
    const values = { n: data.selected[bar] ?? 0, total: data.totals[bar] ?? 0 };
    this.spoken.textContent = bar < 0 ? '' : `${barName(data, bar)}: ${fill(data.texts.selected, values)}`;
  }

  /**
   * @param {number[]} bars -1: the images without a value
   * @param {Keys} keys held ones say what happens, as on a map
   */
  #send(bars, { shiftKey, altKey }) {
    const mode = shiftKey && altKey ? 'intersect' : shiftKey ? 'add' : altKey ? 'remove' : this.data.mode;
    // The stamp makes two equal brushes two events.
    this.component.setTriggerValue('event', { bars, mode, of: this.data.of, stamp: Date.now() });
  }
}
