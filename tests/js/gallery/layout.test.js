import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  MAX_SCROLL_HEIGHT, ScrollScale, gridLayout, visibleRows,
} from '../../../components/gallery/layout.js';

test('columns fill the width and rows hold every image', () => {
  // Four tiles of 168 and three gaps of 10 need 702; a fifth would need 880.
  const layout = gridLayout(10, 720, 'medium', 50);
  assert.equal(layout.columns, 4);
  assert.equal(layout.tileWidth, (720 - 30) / 4);
  assert.equal(layout.rowHeight, Math.round(172.5 + 50 + 10));
  assert.equal(layout.rows, 3);
  assert.equal(layout.height, 3 * layout.rowHeight);
});

test('a window narrower than one tile still shows one column', () => {
  assert.equal(gridLayout(5, 40, 'large', 0).columns, 1);
});

test('no images, no rows', () => {
  assert.equal(gridLayout(0, 720, 'small', 50).height, 0);
});

test('visible rows are those that touch the window, within the grid', () => {
  const layout = { columns: 4, tileWidth: 90, rowHeight: 100, rows: 50, height: 5000 };
  assert.deepEqual(visibleRows(layout, 250, 300, 0), { first: 2, end: 6 });
  assert.deepEqual(visibleRows(layout, 250, 300, 3), { first: 0, end: 9 });
  assert.deepEqual(visibleRows(layout, 4800, 300, 2), { first: 46, end: 50 });
});

/** @param {number} content @param {number} viewport */
function scaleOf(content, viewport) {
  const scale = new ScrollScale();
  scale.resize(content, viewport);
  return scale;
}

test('a short grid scrolls one to one', () => {
  const scale = scaleOf(5000, 600);
  assert.equal(scale.scrollHeight, 5000);
  for (const bar of [100, 4400, 90, 0]) {
    scale.scrolled(bar);
    assert.equal(scale.top, bar);
    assert.equal(scale.settle(), bar);
  }
});

test('a grid of a million images keeps below what browsers can lay out', () => {
  const scale = scaleOf(30_000_000, 600);
  assert.equal(scale.scrollHeight, MAX_SCROLL_HEIGHT);
  scale.scrolled(MAX_SCROLL_HEIGHT - 600);
  assert.equal(scale.top, 30_000_000 - 600);
});

test('a wheel step moves a scaled grid by as much as the wheel says', () => {
  const scale = scaleOf(30_000_000, 600);
  const bar = scale.moveTo(1_000_000);
  scale.scrolled(bar + 120);
  assert.equal(scale.top, 1_000_120);
});

test('a thumb drag goes to the proportional place', () => {
  const scale = scaleOf(30_000_000, 600);
  scale.scrolled((MAX_SCROLL_HEIGHT - 600) / 2);
  assert.equal(scale.top, (30_000_000 - 600) / 2);
});

test('wheel steps with settling between them reach both ends', () => {
  const scale = scaleOf(30_000_000, 600);
  const end = 30_000_000 - 600;
  scale.moveTo(end - 5000);
  for (let i = 0; i < 100; i++) {
    scale.scrolled(Math.min(scale.bar + 120, MAX_SCROLL_HEIGHT - 600));
    scale.settle();
  }
  assert.equal(scale.top, end);
  scale.moveTo(5000);
  for (let i = 0; i < 100; i++) {
    scale.scrolled(Math.max(0, scale.bar - 120));
    scale.settle();
  }
  assert.equal(scale.top, 0);
});

test('content that shrinks pulls the window back inside', () => {
  const scale = scaleOf(5000, 600);
  scale.moveTo(4400);
  scale.resize(1000, 600);
  assert.equal(scale.top, 400);
  scale.resize(300, 600);
  assert.equal(scale.top, 0);
  assert.equal(scale.settle(), 0);
});
