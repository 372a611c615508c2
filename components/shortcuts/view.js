// Keys of a page, the overlay that lists them, and the message that says what a change did.

import { button, element } from '../shared/dom.js';
import { currentTarget } from '../shared/target.js';
import { isTaken, pageKey } from './keys.js';
import { Presses } from './presses.js';

/**
 * What Python sends; see `shortcuts` in __init__.py.
 * @typedef {{
 *   view: string, heard: number, edited: boolean, texts: Record<string, string>,
 *   groups: {title: string, keys: {keys: string[], text: string}[]}[],
 *   notice: Notice | null,
 * }} ShortcutsData
 */
/**
 * @typedef {{id: string, text: string, refused: boolean, action: 'undo' | 'redo' | null,
 *   event: number | null}} Notice
 */
/** @typedef {import('../shared/mount.js').Component<ShortcutsData>} ShortcutsComponent */

const NOTICE_MS = 8000;
const LEAVING_MS = 1500;

/** The view that is on the page. @type {ShortcutsView | null} */
let present = null;

export class ShortcutsView {
  /** @param {ShortcutsComponent} component the first call; `update` follows */
  constructor(component) {
    this.component = component;
    this.data = component.data;
    this.presses = new Presses((presses) => {
      if (this === present) this.component.setTriggerValue('event', { presses });
    });
    this.leaving = 0;
    this.shown = component.data.notice?.id ?? '';
    this.timer = 0;
    /** When the message goes, by `performance.now()`. */
    this.until = 0;
    /** Whether the list of keys was open when this left its place, and is to be open again. */
    this.reading = false;
    this.help = element('dialog', { class: 'help' });
    this.help.addEventListener('click', (event) => {
      if (event.target === this.help) this.help.close();
    });
    this.help.addEventListener('keydown', (event) => {
      if (event.key === '?') this.help.close();
      event.stopPropagation();
    });
    this.toast = element('div', { class: 'toast', role: 'status', popover: 'manual' });
    // Whoever reaches for its button has time.
    this.toast.addEventListener('pointerenter', () => this.#openNotice(NOTICE_MS));
    this.opener = button('', () => this.openHelp(), { class: 'opener' });
    this.root = element('div', { class: 'shortcuts' }, this.opener, this.help, this.toast);
    this.early = (/** @type {KeyboardEvent} */ event) => this.#pressed(event, true);
    this.late = (/** @type {KeyboardEvent} */ event) => this.#pressed(event, false);
  }

  /** @param {ShortcutsComponent} component */
  update(component) {
    this.component = component;
    this.data = component.data;
    this.presses.heard(this.data.heard);
    this.opener.replaceChildren(this.data.texts.keys, element('kbd', {}, '?'));
    this.#showNotice();
  }

  attached() {
    clearTimeout(this.leaving);
    present = this;
    // A view that has an undo of its own gets the key only after this page has looked at it.
    window.addEventListener('keydown', this.early, true);
    window.addEventListener('keydown', this.late);
    this.presses.again();
    // Leaving its place has closed both.
    if (this.reading) this.openHelp();
    if (performance.now() < this.until) this.#openNotice(this.until - performance.now());
  }

  detached() {
    if (present === this) present = null;
    // A run of the page may put this into another place: keys pressed meanwhile are not lost.
    this.leaving = window.setTimeout(() => this.#leave(), LEAVING_MS);
    this.reading = this.help.open;
    this.help.close();
    clearTimeout(this.timer);
  }

  #closeHelp() {
    this.reading = false;
    this.help.close();
  }

  #leave() {
    this.reading = false;
    window.removeEventListener('keydown', this.early, true);
    window.removeEventListener('keydown', this.late);
    this.presses.forget();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} early before any view has seen it
   */
  #pressed(event, early) {
    const asked = pageKey(event);
    const undoes = asked?.kind === 'undo' || asked?.kind === 'redo';
    if (!asked || undoes !== early || isTaken(event.composedPath(), asked)) return;
    if (document.querySelector('[role="dialog"]') || (present && present !== this)) return;
    if (undoes && !this.data.edited && inMap(event.composedPath())) return;
    event.preventDefault();
    event.stopPropagation();
    // The list may be open although the key was not pressed in it: a run of the page that draws it
    // anew takes the focus from it.
    const open = this.help.open || this.reading;
    if (asked.kind === 'help' && open) this.#closeHelp();
    else if (asked.kind === 'help') this.openHelp();
    else if (open) return;
    else if (!event.repeat || undoes) this.presses.add({ ...asked, target: currentTarget() });
  }

  openHelp() {
    const { groups, texts } = this.data;
    const close = button('×', () => this.help.close(), { class: 'close', 'aria-label': texts.close });
    const title = element('h2', {}, texts.title);
    const sections = groups.map((group) => {
      const rows = group.keys.flatMap(({ keys, text }) => [
        element('dt', {}, ...keys.map((key) => element('kbd', {}, key))),
        element('dd', {}, text),
      ]);
      return element('section', {}, element('h3', {}, group.title), element('dl', {}, ...rows));
    });
    const body = element('div', { class: 'groups' }, ...sections);
    this.help.setAttribute('aria-label', texts.title);
    this.help.replaceChildren(element('header', {}, title, close), body);
    this.reading = false;
    if (!this.help.open && this.help.isConnected) this.help.showModal();
  }

  #showNotice() {
    const { notice, texts } = this.data;
    if (!notice || notice.id === this.shown) return;
    this.shown = notice.id;
    const parts = [element('span', { class: 'text' }, notice.text)];
    const { action, event } = notice;
    if (action && event !== null) {
      parts.push(button(texts[action], () => {
        this.#hideNotice();
        this.presses.add({ kind: 'take_back', number: event, target: null });
      }, { class: 'action' }));
    }
    parts.push(button('×', () => this.#hideNotice(), { class: 'close', 'aria-label': texts.close }));
    this.toast.replaceChildren(...parts);
    this.toast.classList.toggle('refused', notice.refused);
    this.#openNotice(NOTICE_MS);
  }

  /** @param {number} duration in milliseconds */
  #openNotice(duration) {
    clearTimeout(this.timer);
    this.until = performance.now() + duration;
    // Anew, so that it lies above whatever was opened since.
    this.toast.hidePopover();
    this.toast.showPopover();
    this.timer = window.setTimeout(() => this.#hideNotice(), duration);
  }

  #hideNotice() {
    clearTimeout(this.timer);
    this.until = 0;
    if (this.toast.isConnected) this.toast.hidePopover();
  }
}

/** @param {EventTarget[]} path */
function inMap(path) {
  return path.some((node) => node instanceof Element && node.matches('section.map'));
}
