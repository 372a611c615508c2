// Parameters in the page's address: written without history, taken out when empty.

import assert from 'node:assert/strict';
import { test } from 'node:test';

/** A window as far as the address needs one. */
const page = {
  href: 'http://host/map?project=1&old=x',
  written: /** @type {string[]} */ ([]),
};
globalThis.window = /** @type {any} */ ({
  get location() {
    const url = new URL(page.href);
    return { href: url.href, pathname: url.pathname };
  },
  history: {
    state: null,
    replaceState(_state, _title, url) {
      page.href = String(url);
      page.written.push(page.href);
    },
  },
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
});
const { keepInAddress, leaveAddress, writeAddress } = await import('../../../components/shared/address.js');

test('what views keep is merged, empty ones go, the rest stays', () => {
  const one = {};
  const two = {};
  keepInAddress(one, () => ({ cam: '1_2', old: '' }));
  keepInAddress(two, () => ({ sel: 'a b&c' }));
  writeAddress();
  assert.equal(new URL(page.href).search, '?project=1&cam=1_2&sel=a+b%26c');
  assert.equal(new URL(page.href).searchParams.get('sel'), 'a b&c');
  leaveAddress(one);
  leaveAddress(two);
});

test('nothing is written where nothing has changed', () => {
  const owner = {};
  page.written = [];
  keepInAddress(owner, () => ({ cam: '1_2' }));
  writeAddress();
  assert.deepEqual(page.written, []);
  leaveAddress(owner);
});

test("another page's address is left alone", () => {
  const owner = {};
  keepInAddress(owner, () => ({ cam: '9' }));
  page.href = 'http://host/images?project=1';
  writeAddress();
  assert.equal(page.href, 'http://host/images?project=1');
  leaveAddress(owner);
});
