// The uploader: a drop zone that becomes a progress report and a list of what was not sent.

import { button, element, fill } from '../shared/dom.js';
import { filesOfDrop, filesOfInput, isRefused } from './collect.js';
import { offers } from './offer.js';
import { Report } from './report.js';
import { UploadQueue } from './queue.js';
import { brokenOff, previousOf } from './resume.js';
import { ask } from './transport.js';

/** @typedef {import('./collect.js').Found} Found */

/**
 * What Python sends; see `uploader` in __init__.py.
 * @typedef {{
 *   view: string, project_id: number, begin_url: string, accept: string[],
 *   texts: Record<string, string>, language: string,
 * }} UploaderData
 */
/** @typedef {import('../shared/mount.js').Component<UploaderData>} UploaderComponent */

const SHOW_MS = 250;

export class UploaderView {
  /** @param {UploaderComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    /** @type {UploadQueue | null} */
    this.queue = null;
    this.collecting = false;
    /** @type {import('./queue.js').Failure[]} */
    this.failed = [];
    /** @type {{kind: 'done', upload: string, batch: unknown} | null} not yet told to Python */
    this.unsent = null;
    this.look = '';
    this.showTimer = 0;
    this.root = element('div', { class: 'uploader' });
    /** @type {import('./resume.js').Unfinished[]} uploads that could be gone on with */
    this.unfinished = [];
    this.offers = element('div', { class: 'offers' });
    this.zone = element('div', { class: 'zone' });
    this.note = element('div', { class: 'note', role: 'status' });
    this.report = new Report({
      cancel: () => void this.queue?.cancel(),
      resume: () => void this.queue?.resume(),
      finish: () => void this.queue?.finish(),
      again: () => this.#startOver(),
    });
    this.root.append(this.offers, this.zone, this.note, this.report.root);
    this.onLeave = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
    this.onStray = (/** @type {DragEvent} */ event) => this.#keepPage(event);
    this.#listen();
  }

  /** @param {UploaderComponent} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    const look = JSON.stringify([this.data.texts, this.data.accept, this.data.language]);
    if (look !== this.look) {
      this.look = look;
      this.#buildZone();
      this.#buildOffers();
    }
    if (this.queue) {
      this.queue.texts = this.data.texts;
      this.queue.language = this.data.language;
    }
    this.#show();
  }

  attached() {
    for (const name of /** @type {const} */ (['dragover', 'drop'])) {
      window.addEventListener(name, this.onStray);
    }
    this.#tell();
    void this.#lookForUnfinished();
  }

  detached() {
    for (const name of /** @type {const} */ (['dragover', 'drop'])) {
      window.removeEventListener(name, this.onStray);
    }
  }

  busy() {
    return this.collecting || this.unsent !== null || (this.queue?.running ?? false);
  }

  #buildZone() {
    const { texts, accept } = this.data;
    const files = this.#picker({ multiple: '', accept: accept.join(',') });
    const folder = this.#picker({ webkitdirectory: '' });
    this.zone.replaceChildren(
      element('div', { class: 'title' }, texts.drop),
      element('div', { class: 'hint' }, texts.drop_hint),
      element(
        'div', { class: 'buttons' },
        button(texts.choose_files, () => files.click()),
        button(texts.choose_folder, () => folder.click()),
      ),
      files, folder,
    );
  }

  #buildOffers() {
    const { texts, language } = this.data;
    this.offers.replaceChildren(...offers(this.unfinished, texts, language, {
      finish: (upload) => void this.#settle(upload, true),
      discard: (upload) => void this.#settle(upload, false),
    }));
  }

  async #lookForUnfinished() {
    if (this.queue) return;
    const { begin_url: url, project_id: project, language } = this.data;
    // Without an answer there is nothing to offer; sending says what is wrong.
    this.unfinished = await brokenOff(url, project, language).catch(() => []);
    this.#buildOffers();
  }

  /**
   * Make a batch of what has arrived of an upload that broke off, or throw it away.
   * @param {import('./resume.js').Unfinished} upload
   * @param {boolean} keep
   */
  async #settle(upload, keep) {
    const { begin_url: url, language, texts } = this.data;
    const place = `${url}/${upload.token}`;
    this.unfinished = this.unfinished.filter((other) => other !== upload);
    this.#buildOffers();
    try {
      if (!keep) {
        await ask(place, 'DELETE', {}, language);
        return;
      }
      const { batch } = await ask(`${place}/complete`, 'POST', { failed: [] }, language);
      this.unsent = { kind: 'done', upload: upload.token, batch };
      this.#tell();
    } catch (error) {
      this.#say(error instanceof Error && error.message ? error.message : texts.no_connection);
      await this.#lookForUnfinished();
    }
  }

  /** @param {Record<string, string>} attributes */
  #picker(attributes) {
    const input = element('input', { type: 'file', hidden: '', ...attributes });
    input.addEventListener('change', () => {
      const found = filesOfInput(/** @type {FileList} */ (input.files));
      input.value = '';
      if (found.length) void this.#take(found);
    });
    return input;
  }

  #listen() {
    const over = (/** @type {boolean} */ on) => this.zone.classList.toggle('over', on);
    this.zone.addEventListener('dragenter', () => over(true));
    this.zone.addEventListener('dragleave', (event) => {
      if (!this.zone.contains(/** @type {Node | null} */ (event.relatedTarget))) over(false);
    });
    this.zone.addEventListener('drop', (event) => {
      over(false);
      event.preventDefault();
      if (event.dataTransfer) void this.#dropped(event.dataTransfer);
    });
  }

  /**
   * A file dropped beside the zone must not replace the page.
   * @param {DragEvent} event
   */
  #keepPage(event) {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  }

  /** @param {DataTransfer} transfer */
  async #dropped(transfer) {
    if (this.busy()) return;
    const { texts } = this.data;
    this.collecting = true;
    this.failed = [];
    const found = await filesOfDrop(
      transfer,
      (count) => this.#say(fill(texts.reading, { n: this.#number(count) })),
      (path) => this.failed.push({ name: path, reason: 'unreadable' }),
    );
    this.collecting = false;
    this.#say('');
    if (found.length || this.failed.length) await this.#take(found);
    else this.#say(texts.nothing);
  }

  /** @param {Found[]} found */
  async #take(found) {
    const { accept, texts, language, begin_url: url, project_id: projectId } = this.data;
    const items = found.filter(({ path }) => !isRefused(path, accept));
    for (const { path } of found) {
      if (isRefused(path, accept)) this.failed.push({ name: path, reason: 'wrong_ending' });
    }
    const { failed } = this;
    this.failed = [];
    this.collecting = true;
    const previous = await previousOf(url, this.unfinished, items, language);
    this.collecting = false;
    this.unfinished = this.unfinished.filter(({ token }) => token !== previous?.token);
    this.queue = new UploadQueue({
      url, projectId, items, failed, texts, language, previous, onChange: () => this.#changed(),
    });
    this.report.begin();
    this.#buildOffers();
    this.#show();
    if (items.length) void this.queue.start();
  }

  #startOver() {
    this.queue = null;
    this.#say('');
    this.#show();
    void this.#lookForUnfinished();
  }

  /** The queue got on. Many small files do that more often than anyone can read. */
  #changed() {
    const { queue } = this;
    if (!queue) return;
    const settled = !queue.running;
    if (settled || queue.phase === 'interrupted') this.#show();
    else if (!this.showTimer) this.showTimer = window.setTimeout(() => this.#show(), SHOW_MS);
    if (queue.phase === 'done' && queue.batch !== null) {
      this.unsent = {
        kind: 'done', upload: decodeURIComponent(queue.upload), batch: queue.batch,
      };
      this.#tell();
    }
  }

  /** Tell Python of a completed upload; on another page it has to wait for our return. */
  #tell() {
    if (!this.unsent || !this.root.isConnected) return;
    this.component.setTriggerValue('event', this.unsent);
    this.unsent = null;
  }

  #show() {
    clearTimeout(this.showTimer);
    this.showTimer = 0;
    const { queue } = this;
    this.zone.hidden = queue !== null;
    this.offers.hidden = queue !== null;
    this.report.root.hidden = queue === null;
    if (queue) this.report.show(queue, this.data.texts, this.data.language);
    if (queue?.running) window.addEventListener('beforeunload', this.onLeave);
    else window.removeEventListener('beforeunload', this.onLeave);
  }

  /** @param {string} text */
  #say(text) {
    this.note.textContent = text;
  }

  /** @param {number} value */
  #number(value) {
    return new Intl.NumberFormat(this.data.language).format(value);
  }
}
