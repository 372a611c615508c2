// One model file, dropped or chosen, sent as one request that the server streams to disk.

import { button, element, fill } from '../shared/dom.js';

/**
 * What Python sends; see `model_upload` in __init__.py.
 * `limit` in bytes.
 * @typedef {{
 *   view: string, url: string, accept: string[], limit: number, texts: Record<string, string>,
 * }} UploadData
 */
/** @typedef {import('../shared/mount.js').Component<UploadData>} ModelUploadComponent */

const MB = 1e6;

export class ModelUpload {
  /** @param {ModelUploadComponent} component */
  constructor(component) {
    this.component = component;
    /** @type {XMLHttpRequest | null} */
    this.request = null;
    this.root = element('div', { class: 'model-upload' });
    this.title = element('div', { class: 'title' });
    this.hint = element('div', { class: 'hint' });
    this.input = element('input', { type: 'file', hidden: '' });
    this.choose = button('', () => this.input.click());
    this.bar = element('progress', { max: '1', value: '0' });
    this.said = element('div', { class: 'said', role: 'status' });
    this.cancel = button('', () => this.request?.abort());
    this.root.append(
      this.title, this.hint, this.input, this.choose, this.bar, this.said, this.cancel,
    );
    this.input.addEventListener('change', () => this.#take(this.input.files));
    this.root.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.root.classList.add('over');
    });
    this.root.addEventListener('dragleave', () => this.root.classList.remove('over'));
    this.root.addEventListener('drop', (event) => {
      event.preventDefault();
      this.root.classList.remove('over');
      this.#take(event.dataTransfer?.files ?? null);
    });
  }

  /** @param {ModelUploadComponent} component */
  update(component) {
    this.component = component;
    const { texts, accept } = component.data;
    this.title.textContent = texts.drop;
    this.hint.textContent = texts.drop_hint;
    this.choose.textContent = texts.choose;
    this.cancel.textContent = texts.cancel;
    this.input.accept = accept.join(',');
    this.#show();
  }

  busy() {
    return this.request !== null;
  }

  #show() {
    const busy = this.busy();
    this.bar.hidden = !busy;
    this.cancel.hidden = !busy;
    this.choose.disabled = busy;
  }

  /** @param {FileList | null} files */
  #take(files) {
    const file = files?.[0];
    if (!file || this.request) return;
    this.input.value = '';
    const { url, texts, limit } = this.component.data;
    // Said at once: a server that refuses in the middle of gigabytes is not heard by every browser.
    if (file.size > limit) {
      this.said.textContent = fill(texts.failed, { reason: texts.too_large });
      return;
    }
    const request = new XMLHttpRequest();
    this.request = request;
    const address = new URL(url, document.location.origin);
    address.searchParams.set('name', file.name);
    request.open('PUT', address);
    request.setRequestHeader('X-Datag-Request', '1');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => this.#progress(file, event.loaded));
    request.addEventListener('load', () => this.#answered(request));
    request.addEventListener('error', () => {
      this.said.textContent = fill(texts.failed, { reason: texts.no_connection });
    });
    request.addEventListener('abort', () => { this.said.textContent = ''; });
    request.addEventListener('loadend', () => {
      this.request = null;
      this.#show();
    });
    this.#progress(file, 0);
    this.#show();
    request.send(file);
  }

  /**
   * @param {File} file
   * @param {number} sent bytes
   */
  #progress(file, sent) {
    this.bar.value = file.size ? Math.min(sent / file.size, 1) : 0;
    this.said.textContent = fill(this.component.data.texts.sending, {
      name: file.name, k: (sent / MB).toFixed(1), n: `${(file.size / MB).toFixed(1)} MB`,
    });
  }

  /** @param {XMLHttpRequest} request */
  #answered(request) {
    /** @type {{model?: number, error?: string}} */
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch { /* said below by its status */ }
    if (request.status === 200 && answer.model) {
      this.said.textContent = '';
      this.component.setTriggerValue('event', { model: answer.model });
    } else {
      const reason = answer.error || String(request.status);
      this.said.textContent = fill(this.component.data.texts.failed, { reason });
    }
  }
}
