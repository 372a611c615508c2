import assert from 'node:assert/strict';
import { test } from 'node:test';

import { borrowRenderer, offerRenderer, withdrawRenderer } from '../../../components/map/lending.js';

/** A map with a renderer, or without one. */
function map(renderer) {
  return {
    renderer,
    surrender() {
      const { renderer } = this;
      this.renderer = null;
      return renderer;
    },
  };
}

test('the map that left the page first lends first, and each renderer is lent once', () => {
  const [first, second] = [map('a'), map('b')];
  offerRenderer(first);
  offerRenderer(second);
  assert.equal(borrowRenderer(), 'a');
  assert.equal(borrowRenderer(), 'b');
  assert.equal(borrowRenderer(), null);
  assert.deepEqual([first.renderer, second.renderer], [null, null]);
});

test('a map that is back on the page keeps its renderer', () => {
  const back = map('a');
  offerRenderer(back);
  withdrawRenderer(back);
  assert.equal(borrowRenderer(), null);
  assert.equal(back.renderer, 'a');
});

test('one that has none, or whose context is lost, is passed over', () => {
  offerRenderer(map(null));
  offerRenderer(map('b'));
  assert.equal(borrowRenderer(), 'b');
});
