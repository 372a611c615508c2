// A button that copies the page's address; where the browser forbids it, a field to copy from.

import { writeAddress } from '../shared/address.js';
import { button, element, svgElement } from '../shared/dom.js';

const SHOWN_MS = 2500;
const LINK =
  'M10.5 13.5a4.2 4.2 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1.2 1.2' +
  'M13.5 10.5a4.2 4.2 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1.2-1.2';

/**
 * @param {{data: {texts: Record<string, string>}, parentElement: HTMLElement | ShadowRoot}} component
 */
export default function show({ data: { texts }, parentElement }) {
  parentElement.querySelector('.copy-link')?.remove();
  const root = element('div', { class: 'copy-link' });
  const field = element('input', { readonly: '', hidden: '', 'aria-label': texts.address });
  const node = button('', () => void copy(), { class: 'copy', 'aria-label': texts.copy });
  node.title = `${texts.copy}: ${texts.help}`;
  const icon = svgElement('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  icon.append(svgElement('path', { d: LINK }));
  node.append(icon);
  const said = element('output', { class: 'said' });
  root.append(node, field, said);
  parentElement.append(root);

  async function copy() {
    writeAddress();
    field.value = window.location.href;
    const done = await toClipboard(field);
    said.textContent = done ? texts.copied : texts.by_hand;
    field.hidden = done;
    if (!done) field.select();
    else setTimeout(() => (said.textContent = ''), SHOWN_MS);
  }
  return () => root.remove();
}

/**
 * @param {HTMLInputElement} field holds the text
 * @returns {Promise<boolean>} whether it was copied
 */
async function toClipboard(field) {
  try {
    // There is none on a page that came without encryption from another machine.
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.hidden = false;
    field.select();
    const copied = document.execCommand('copy');
    field.hidden = copied;
    return copied;
  }
}
