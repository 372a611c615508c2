import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keyAction } from '../../../components/map/keys.js';
import { MapModel } from '../../../components/map/model.js';
import { scaleEnds, translator } from '../../../components/map/text.js';
import { boxLines } from '../../../components/map/guides.js';

const N = 16;

function loaded(selectedBits = []) {
  return {
    positions: new Float32Array(3 * N),
    ids: new Float64Array(N),
    codes: new Uint8Array(N),
    selected: new Uint8Array(selectedBits),
  };
}

function data({ dataset = 'a', version = '1', seen = null } = {}) {
  return { dataset, n: N, seen, selection: { version, url: null } };
}

test('takes a selection over when its version changes, and only then', () => {
  const model = new MapModel(new Uint8Array(256));
  assert.equal(model.take(data({ version: '1' }), loaded([0b101, 0])), true);
  assert.deepEqual([...model.selected.slice(0, 4)], [1, 0, 1, 0]);
  assert.equal(model.take(data({ version: '1' }), loaded([0b010, 0])), false);
  assert.deepEqual([...model.selected.slice(0, 4)], [1, 0, 1, 0]);
  model.take(data({ version: '2' }), loaded([0b010, 0]));
  assert.deepEqual([...model.selected.slice(0, 4)], [0, 1, 0, 0]);
});

test('what the visitor drew last is not undone by an older answer', () => {
  const model = new MapModel(new Uint8Array(256));
  model.take(data(), loaded());
  model.selected = new Uint8Array(N).fill(1);
  const first = model.event({ kind: 'select', op: 'replace' });
  const second = model.event({ kind: 'select', op: 'replace' });
  assert.ok(second.stamp > first.stamp);
  model.take(data({ version: '2', seen: first.stamp }), loaded([1, 0]));
  assert.equal(model.selected[1], 1);
  model.take(data({ version: '3', seen: second.stamp }), loaded([1, 0]));
  assert.deepEqual([...model.selected.slice(0, 2)], [1, 0]);
});

test('other points start without the old selection, whatever is pending', () => {
  const model = new MapModel(new Uint8Array(256));
  model.take(data(), loaded());
  model.selected.fill(1);
  model.event({ kind: 'select', op: 'replace' });
  assert.equal(model.take(data({ dataset: 'b' }), loaded()), true);
  assert.ok(!model.selected.includes(1));
});

test('events carry the full selection and name their points', () => {
  const model = new MapModel(new Uint8Array(256));
  model.take(data({ dataset: 'abc' }), loaded([3, 0]));
  const event = model.event({ kind: 'open', index: 5 });
  assert.equal(event.dataset, 'abc');
  assert.deepEqual(event.selection, { enc: 'bits', n: N, b64: 'AwA=' });
});

test('shortcuts go by the place of the key and leave the browser its own', () => {
  assert.equal(keyAction({ code: 'KeyL', ctrlKey: false, metaKey: false }), 'lasso');
  assert.equal(keyAction({ code: 'KeyR', ctrlKey: true, metaKey: false }), null);
  assert.equal(keyAction({ code: 'KeyQ', ctrlKey: false, metaKey: false }), null);
});

test('numbers in texts are written in the language', () => {
  const t = translator({ count: '{n} of {total}' }, 'en');
  assert.equal(t('count', { n: 47, total: 100000 }), '47 of 100,000');
  assert.equal(t('unknown'), 'unknown');
});

test('the box has its twelve edges within the grid lines, all inside the bounds', () => {
  const ends = boxLines({ low: [0, 0, 0], high: [1, 2, 3] });
  const lines = new Set();
  for (let i = 0; i < ends.length; i += 6) lines.add([...ends.slice(i, i + 6)].join());
  const edges = ['0,0,0,0,2,0', '0,0,0,1,0,0', '1,2,0,1,2,3', '0,0,3,0,2,3', '0,2,3,1,2,3'];
  for (const edge of edges) assert.ok(lines.has(edge), edge);
  assert.equal(lines.size, 2 * 9 + 8);
});

test('days on a colour scale are those of UTC, numbers are short', () => {
  const scale = { unit: '', colours: [], low: 86_399, high: 4 * 86_400 };
  assert.deepEqual(scaleEnds({ ...scale, dates: true }, 'en'), ['1/1/70', '1/5/70']);
  assert.deepEqual(scaleEnds({ ...scale, low: 0.12345, high: 2 }, 'en'), ['0.123', '2']);
});
