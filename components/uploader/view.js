// The uploader: a drop zone that becomes a progress report and a list of what was not sent.

import { button, element, fill } from '../shared/dom.js';
import { filesOfDrop, filesOfInput, isRefused } from './collect.js';
import { Report } from './report.js';
import { UploadQueue } from './queue.js';

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
    this.zone = element('div', { class: 'zone' });
    this.note = element('div', { class: 'note', role: 'status' });
    this.report = new Report({
      cancel: () => void this.queue?.cancel(),
      resume: () => void this.queue?.resume(),
      finish: () => void this.queue?.finish(),
      again: () => this.#startOver(),
    });
    this.root.append(this.zone, this.note, this.report.root);
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
    }
    this.#show();
  }

  attached() {
    for (const name of /** @type {const} */ (['dragover', 'drop'])) {
      window.addEventListener(name, this.onStray);
    }
    this.#tell();
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

  /** @param {Record<string, string>} attributes */
  #picker(attributes) {
    const input = element('input', { type: 'file', hidden: '', ...attributes });
    input.addEventListener('change', () => {
      const found = filesOfInput(/** @type {FileList} */ (input.files));
      input.value = '';
      if (found.length) this.#take(found);
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
      (path) => this.failed.push({ name: path, error: texts.unreadable }),
    );
    this.collecting = false;
    this.#say('');
    if (found.length || this.failed.length) this.#take(found);
    else this.#say(texts.nothing);
  }

  /** @param {Found[]} found */
  #take(found) {
    const { accept, texts, begin_url: url, project_id: projectId } = this.data;
    const items = found.filter(({ path }) => !isRefused(path, accept));
    for (const { path } of found) {
      if (isRefused(path, accept)) this.failed.push({ name: path, error: texts.wrong_ending });
    }
    const { failed } = this;
    this.failed = [];
    this.queue = new UploadQueue({
      url, projectId, items, failed, texts, onChange: () => this.#changed(),
    });
    this.report.begin();
    this.#show();
    if (items.length) void this.queue.start();
  }

  #startOver() {
    this.queue = null;
    this.#say('');
    this.#show();
  }

  /** The queue got on. Many small files do that more often than anyone can read. */
  #changed() {
    const { queue } = this;
    if (!queue) return;
    const settled = !queue.running;
    if (settled || queue.phase === 'interrupted') this.#show();
    else if (!this.showTimer) this.showTimer = window.setTimeout(() => this.#show(), SHOW_MS);
    if (queue.phase === 'done' && queue.batch !== null) {
      this.unsent = { kind: 'done', upload: decodeURIComponent(queue.upload), batch: queue.batch };
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
