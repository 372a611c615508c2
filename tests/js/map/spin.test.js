import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Spin } from '../../../components/map/spin.js';

/** A browser's frames, drawn when the test says so. */
function frames() {
  const waiting = new Map();
  let last = 0;
  globalThis.requestAnimationFrame = (call) => (waiting.set(++last, call), last);
  globalThis.cancelAnimationFrame = (id) => waiting.delete(id);
  return (n) => {
    for (let i = 0; i < n; i++) {
      const due = [...waiting.values()];
      waiting.clear();
      due.forEach((call) => call());
    }
  };
}

test('turns once a frame until it is switched off', () => {
  const draw = frames();
  let turns = 0;
  const spin = new Spin(() => turns++);
  spin.set(true);
  draw(3);
  assert.equal(turns, 3);
  spin.set(false);
  draw(3);
  assert.deepEqual([turns, spin.on], [3, false]);
});

test('stays on while the map is off the page, and goes on when it is back', () => {
  const draw = frames();
  let turns = 0;
  const spin = new Spin(() => turns++);
  spin.set(true);
  draw(2);
  spin.pause();
  draw(5);
  assert.deepEqual([turns, spin.on], [2, true]);
  spin.resume();
  draw(2);
  assert.equal(turns, 4);
});

test('a map that does not turn stays still when it is back', () => {
  const draw = frames();
  const spin = new Spin(() => assert.fail('it turned'));
  spin.resume();
  draw(2);
});

test('switched off and on within a frame, or brought back twice, it turns no faster', () => {
  const draw = frames();
  let turns = 0;
  const spin = new Spin(() => turns++);
  spin.set(true);
  spin.set(false);
  spin.set(true);
  spin.resume();
  draw(4);
  assert.equal(turns, 4);
});
