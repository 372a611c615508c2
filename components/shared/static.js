// Style sheets and texts as files: sent once a visit, and not with every message from Python.

import { delivered, remembering } from './remember.js';

/** A component's texts in one language, by key. */
export const textsAt = remembering(
  async (url) => /** @type {Record<string, string>} */ (await (await delivered(url)).json()),
);

const sheetAt = remembering(async (url) => {
  const text = await (await delivered(url)).text();
  return new CSSStyleSheet().replace(text);
});

/**
 * Dress what lies in a component's shadow tree, beside sheets that are there already.
 * @param {HTMLElement | ShadowRoot} parent that Streamlit has made for the component
 * @param {string[]} urls of style sheets, in their order
 */
export async function dress(parent, urls) {
  const sheets = await Promise.all(urls.map(sheetAt));
  const root = /** @type {Document | ShadowRoot} */ (parent.getRootNode());
  const missing = sheets.filter((sheet) => !root.adoptedStyleSheets.includes(sheet));
  if (missing.length) root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...missing];
}
