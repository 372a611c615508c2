// What a visitor is in the middle of.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hands } from '../../../components/live/hands.js';

/** A page as far as it is listened to. */
function page() {
  const heard = /** @type {Record<string, ((event: any) => void)[]>} */ ({});
  return {
    /** @type {object | null} */
    open: null,
    querySelector() {
      return this.open;
    },
    addEventListener(/** @type {string} */ name, /** @type {(event: any) => void} */ act) {
      (heard[name] ??= []).push(act);
    },
    fire(/** @type {string} */ name, /** @type {object} */ event = {}) {
      for (const act of heard[name] ?? []) act({ composedPath: () => [{}], ...event });
    },
  };
}

function watched() {
  const [hands, seen] = [new Hands(), page()];
  hands.watch(/** @type {any} */ (seen));
  return { hands, seen };
}

/** What the clock says, ms. */
let now = 0;
globalThis.performance = /** @type {any} */ ({ now: () => now });

test('what was done is given a second to reach Python', () => {
  const { hands, seen } = watched();
  seen.fire('pointerdown');
  seen.fire('pointerup');
  assert.equal(hands.busy(), true);
  now += 999;
  assert.equal(hands.busy(), true);
  now += 1;
  assert.equal(hands.busy(), false);
});

test('a text that was not handed over yet is not to be disturbed', () => {
  const { hands, seen } = watched();
  assert.equal(hands.busy(), false);
  for (const end of ['focusout', 'change']) {
    seen.fire('input');
    assert.equal(hands.busy(), true);
    seen.fire(end);
    now += 1000;
    assert.equal(hands.busy(), false);
  }
});

test('Enter hands over a line, but only with Ctrl a text of several', () => {
  const { hands, seen } = watched();
  seen.fire('input');
  seen.fire('keydown', { key: 'a' });
  assert.equal(hands.busy(), true);
  seen.fire('keydown', { key: 'Enter' });
  now += 1000;
  assert.equal(hands.busy(), false);
  const area = { composedPath: () => [{ tagName: 'TEXTAREA' }] };
  seen.fire('input', area);
  seen.fire('keydown', { ...area, key: 'Enter' });
  assert.equal(hands.busy(), true);
  seen.fire('keydown', { ...area, key: 'Enter', ctrlKey: true });
  now += 1000;
  assert.equal(hands.busy(), false);
});

test('neither is a drag, a menu or a dialog', () => {
  const { hands, seen } = watched();
  seen.fire('pointerdown');
  assert.equal(hands.busy(), true);
  seen.fire('pointerup');
  now += 1000;
  assert.equal(hands.busy(), false);
  seen.open = {};
  assert.equal(hands.busy(), true);
});
