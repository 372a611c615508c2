// The row of buttons for whoever edits boxes.

import { button, element, fill } from '../shared/dom.js';

export class Tools {
  /**
   * @param {import('./editor.js').BoxEditor} editor
   * @param {(shown: boolean) => void} showModel
   */
  constructor(editor, showModel) {
    this.editor = editor;
    this.showModel = showModel;
    this.modelShown = true;
    this.hint = element('span', { class: 'hint' });
    this.spoken = element('span', { class: 'spoken', role: 'status' });
    this.buttons = {
      take: button('', () => this.#done(() => editor.say('take')), { class: 'first' }),
      none: button('', () => this.#done(() => editor.say('none'))),
      add: button('', () => editor.addInView()),
      rename: button('', () => editor.rename()),
      remove: button('', () => this.#done(() => editor.remove())),
      back: button('', () => this.#done(() => editor.say('back'))),
      model: button('', () => this.showModel(!this.modelShown)),
    };
    for (const [name, node] of Object.entries(this.buttons)) node.dataset.action = name;
    this.root = element(
      'div', { class: 'tools small-buttons' }, ...Object.values(this.buttons), this.hint, this.spoken,
    );
  }

  /**
   * The button may be gone after what it does; the keys then go on with the picture.
   * @param {() => void} act
   */
  #done(act) {
    act();
    this.editor.host.stage.focus({ preventScroll: true });
  }

  /**
   * @param {Record<string, string>} texts
   * @param {boolean} modelShown
   */
  show(texts, modelShown) {
    const { editor, buttons } = this;
    const { on, taken, found, selected } = editor;
    this.modelShown = modelShown;
    const label = selected === null ? '' : editor.boxes[selected]?.label ?? '';
    /** @type {Record<keyof Tools['buttons'], [boolean, string]>} */
    const rows = {
      take: [on && !taken && found.length > 0, fill(texts.take, { n: found.length })],
      none: [on && !taken, texts.none],
      add: [on, texts.add],
      rename: [on && selected !== null, fill(texts.rename, { label })],
      remove: [on && selected !== null, texts.remove],
      back: [on && taken, found.length > 0 ? texts.back : texts.back_to_nothing],
      model: [taken && found.length > 0, fill(texts.model, { n: found.length })],
    };
    for (const [name, [shown, text]] of Object.entries(rows)) {
      const node = buttons[/** @type {keyof Tools['buttons']} */ (name)];
      node.hidden = !shown;
      node.textContent = text;
      node.title = texts[`${name}_hint`] ?? '';
    }
    buttons.model.setAttribute('aria-pressed', String(modelShown));
    this.hint.textContent = on ? texts[!taken && found.length ? 'hint_take' : 'hint_draw'] : '';
    this.hint.title = this.hint.textContent;
    this.spoken.textContent = editor.spoken;
    this.root.hidden = Object.values(rows).every(([shown]) => !shown);
  }
}
