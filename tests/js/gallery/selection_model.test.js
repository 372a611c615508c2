import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  SelectionModel, carriedOver, keyTarget,
} from '../../../components/gallery/selection_model.js';

/** @param {SelectionModel} model */
const chosen = (model) => [...model.mask.keys()].filter((i) => model.mask[i]);

test('a click selects one, a toggle adds and takes out', () => {
  const model = new SelectionModel(10);
  model.only(3);
  model.toggle(5);
  assert.deepEqual(chosen(model), [3, 5]);
  model.toggle(3);
  assert.deepEqual(chosen(model), [5]);
  assert.equal(model.selected, 1);
  model.only(8);
  assert.deepEqual(chosen(model), [8]);
  assert.equal(model.selected, 1);
});

test('ranges run from the anchor, either way, and keep the anchor', () => {
  const model = new SelectionModel(10);
  model.only(4);
  model.rangeTo(6, false);
  assert.deepEqual(chosen(model), [4, 5, 6]);
  model.rangeTo(2, false);
  assert.deepEqual(chosen(model), [2, 3, 4]);
  assert.equal(model.selected, 3);
});

test('a range may be added to what was selected', () => {
  const model = new SelectionModel(10);
  model.only(0);
  model.toggle(7);
  model.rangeTo(9, true);
  assert.deepEqual(chosen(model), [0, 7, 8, 9]);
});

test('moving with Shift extends from where the focus was', () => {
  const model = new SelectionModel(10);
  model.moveTo(5, false);
  model.moveTo(6, true);
  model.moveTo(7, true);
  assert.deepEqual(chosen(model), [5, 6, 7]);
  model.moveTo(6, true);
  assert.deepEqual(chosen(model), [5, 6]);
});

test('all, none, invert', () => {
  const model = new SelectionModel(5);
  model.setAll(true);
  assert.equal(model.selected, 5);
  model.toggle(1);
  model.invert();
  assert.deepEqual(chosen(model), [1]);
  assert.equal(model.selected, 1);
  model.setAll(false);
  assert.deepEqual(chosen(model), []);
});

test('a selection follows its images into another order', () => {
  const old = new SelectionModel(4);
  old.only(1);
  old.toggle(3);
  const next = carriedOver(
    old, Float64Array.of(10, 5e9, 12, 13), Float64Array.of(13, 99, 5e9),
  );
  assert.deepEqual(chosen(next), [0, 2]);
  assert.equal(next.selected, 2);
  assert.equal(next.focus, 0);
});

test('a focus whose image has gone returns to the start', () => {
  const old = new SelectionModel(2);
  old.moveTo(1, false);
  assert.equal(carriedOver(old, Float64Array.of(1, 2), Float64Array.of(1)).focus, 0);
});

test('keys lead over a grid with a short last row', () => {
  //  0 1 2 3
  //  4 5 6 7
  //  8 9
  const grid = { columns: 4, pageRows: 2 };
  const at = (/** @type {string} */ key, /** @type {number} */ focus) => keyTarget(
    key, focus, 10, grid,
  );
  assert.equal(at('ArrowRight', 3), 4);
  assert.equal(at('ArrowRight', 9), 9);
  assert.equal(at('ArrowLeft', 0), 0);
  assert.equal(at('ArrowDown', 1), 5);
  assert.equal(at('ArrowDown', 6), 9);
  assert.equal(at('ArrowDown', 8), 8);
  assert.equal(at('ArrowUp', 2), 2);
  assert.equal(at('ArrowUp', 9), 5);
  assert.equal(at('PageDown', 0), 8);
  assert.equal(at('PageDown', 3), 9);
  assert.equal(at('PageUp', 9), 1);
  assert.equal(at('PageUp', 6), 2);
  assert.equal(at('Home', 7), 0);
  assert.equal(at('End', 0), 9);
  assert.equal(at('x', 0), null);
});
