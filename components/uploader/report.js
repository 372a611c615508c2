// What is told of an upload: figures while it runs, what came of it, and what was not sent.

import { button, element, fill } from '../shared/dom.js';
import { RateMeter, formatBytes, formatDuration } from './progress.js';
import { failureText, problemText } from './queue.js';

/** @typedef {import('./queue.js').UploadQueue} UploadQueue */
/** @typedef {{cancel: () => void, resume: () => void, finish: () => void, again: () => void}}
 *   ReportActions */

const FAILURES_SHOWN = 200;

export class Report {
  /** @param {ReportActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.meter = new RateMeter();
    this.buttons = '';
    this.failuresShown = '';
    this.head = element('div', { class: 'head', role: 'status' });
    this.bar = element('progress', { max: '1' });
    this.figures = element('div', { class: 'figures' });
    this.row = element('div', { class: 'buttons' });
    this.failures = element('details', { class: 'failures' });
    this.root = element(
      'div', { class: 'report' }, this.head, this.bar, this.figures, this.row, this.failures,
    );
  }

  /** A new upload starts. */
  begin() {
    this.meter = new RateMeter();
    this.failuresShown = '';
    this.buttons = '';
  }

  /**
   * @param {UploadQueue} queue
   * @param {Record<string, string>} texts
   * @param {string} language
   */
  show(queue, texts, language) {
    const numbers = new Intl.NumberFormat(language);
    this.meter.add(performance.now(), queue.sentBytes);
    this.head.textContent = headline(queue, texts, language);
    this.bar.hidden = !queue.running;
    this.bar.setAttribute('aria-label', this.head.textContent);
    this.bar.value = queue.totalBytes ? queue.sentBytes / queue.totalBytes : 1;
    this.figures.textContent = this.#figures(queue, texts, language);
    this.root.dataset.phase = queue.phase;
    this.#showButtons(queue, texts);
    this.#showFailures(queue.failed, texts, numbers);
  }

  /**
   * @param {UploadQueue} queue
   * @param {Record<string, string>} texts
   * @param {string} language
   */
  #figures(queue, texts, language) {
    if (queue.phase !== 'sending') return '';
    const size = (/** @type {number} */ bytes) => formatBytes(bytes, language);
    const parts = [fill(texts.sent_bytes, {
      k: size(queue.sentBytes), n: size(queue.totalBytes),
    })];
    const rate = this.meter.rate();
    if (queue.waitingForConnection) parts.push(texts.reconnecting);
    else if (rate > 0) {
      const left = (queue.totalBytes - queue.sentBytes) / rate;
      parts.push(fill(texts.speed, { rate: size(rate) }));
      if (left > 0) parts.push(fill(texts.time_left, { time: formatDuration(left, language) }));
    }
    return `${parts.join(' · ')}\n${texts.leave}`;
  }

  /**
   * Built only when they change, so that focus and a half-done click stay.
   * @param {UploadQueue} queue
   * @param {Record<string, string>} texts
   */
  #showButtons(queue, texts) {
    const names = buttonNames(queue);
    const look = names.map((name) => texts[BUTTON_TEXTS[name]]).join('\n');
    if (look === this.buttons) return;
    this.buttons = look;
    this.row.replaceChildren(...names.map((name) => button(
      texts[BUTTON_TEXTS[name]], () => this.actions[name](),
    )));
  }

  /**
   * @param {import('./queue.js').Failure[]} failed
   * @param {Record<string, string>} texts
   * @param {Intl.NumberFormat} numbers
   */
  #showFailures(failed, texts, numbers) {
    this.failures.hidden = failed.length === 0;
    const look = `${failed.length} ${texts.failures}`;
    if (look === this.failuresShown) return;
    this.failuresShown = look;
    const rows = failed.slice(0, FAILURES_SHOWN).map((failure) => element(
      'li', {}, element('b', {}, failure.name), element('span', {}, failureText(failure, texts)),
    ));
    const rest = failed.length - rows.length;
    if (rest > 0) {
      rows.push(element('li', {}, fill(texts.failures_more, { n: numbers.format(rest) })));
    }
    this.failures.replaceChildren(
      element('summary', {}, fill(texts.failures, { n: numbers.format(failed.length) })),
      element('ul', {}, ...rows),
    );
  }
}

/** @type {Record<keyof ReportActions, string>} */
const BUTTON_TEXTS = { cancel: 'cancel', resume: 'try_again', finish: 'finish', again: 'more' };

/**
 * @param {UploadQueue} queue
 * @returns {(keyof ReportActions)[]}
 */
function buttonNames(queue) {
  if (queue.phase === 'sending') return ['cancel'];
  if (queue.phase !== 'interrupted') return ['again'];
  return queue.upload ? ['resume', 'finish', 'cancel'] : ['resume', 'cancel'];
}

/**
 * @param {UploadQueue} queue
 * @param {Record<string, string>} texts
 * @param {string} language
 */
function headline(queue, texts, language) {
  const number = (/** @type {number} */ value) => new Intl.NumberFormat(language).format(value);
  const { settledFiles, items } = queue;
  switch (queue.phase) {
    case 'idle': return '';
    case 'interrupted': return fill(texts.interrupted, {
      reason: problemText(queue.problem, texts),
    });
    case 'cancelled': return texts.cancelled;
    case 'done': return fill(texts.done, {
      n: number(queue.arrivedFiles), bytes: formatBytes(queue.arrivedBytes, language),
    });
    default: return settledFiles === items.length ? texts.completing : fill(texts.sending, {
      k: number(settledFiles), n: number(items.length),
    });
  }
}
