// Parameters that views keep in the page's address, so that a reload or a link finds them again.
//
// They are written without a run of the page and without an entry in the browser's history. When
// Streamlit writes the address it knows nothing of them, so they are written once more.

const WAIT_MS = 250;

/** @typedef {() => Record<string, string>} Parameters an empty one is taken out of the address */

/** @type {Map<object, {path: string, parameters: Parameters}>} */
const owners = new Map();
let timer = 0;

if ('navigation' in window) {
  /** @type {EventTarget} */ (window.navigation).addEventListener('currententrychange', addressChanged);
}

/**
 * Keep these in the address of the page that is open now, until `leaveAddress`.
 * @param {object} owner
 * @param {Parameters} parameters asked whenever the address is written
 */
export function keepInAddress(owner, parameters) {
  owners.set(owner, { path: window.location.pathname, parameters });
  addressChanged();
}

/** @param {object} owner */
export function leaveAddress(owner) {
  owners.delete(owner);
}

/** Write the address soon: a parameter may have changed. */
export function addressChanged() {
  if (owners.size) timer ||= window.setTimeout(writeAddress, WAIT_MS);
}

/** Write the address at once. */
export function writeAddress() {
  window.clearTimeout(timer);
  timer = 0;
  const { location, history } = window;
  const url = new URL(location.href);
  for (const { path, parameters } of owners.values()) {
    // Another page's address is none of theirs.
    if (path !== location.pathname) continue;
    for (const [name, value] of Object.entries(parameters())) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
  }
  if (url.href !== location.href) history.replaceState(history.state, '', url);
}
