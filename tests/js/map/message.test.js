import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unpacked } from '../../../components/map/message.js';

const legend = { title: '', entries: [], scale: null };
const TEXTS = { empty: 'Nothing here', retry: 'Again' };

test('colours come as three bytes each in base 64', () => {
  const data = unpacked({ n: 2, legend, palette: 'AHKy5p8A', texts_url: '/texts', empty: '' }, TEXTS);
  assert.deepEqual(data, { n: 2, legend, palette: [[0, 0x72, 0xb2], [0xe6, 0x9f, 0]], texts: TEXTS });
});

test('a text of the page takes the place of the one for no points, and of none else', () => {
  const { texts } = unpacked({ legend, palette: '', empty: 'Make a map first' }, TEXTS);
  assert.deepEqual(texts, { empty: 'Make a map first', retry: 'Again' });
  assert.equal(TEXTS.empty, 'Nothing here');
});

test('the colours of a scale lie evenly between those of its bar, before those that are sent', () => {
  const scale = { low: 0, high: 1, unit: '', dates: false, steps: 5, colours: ['#000000', '#640a00', '#64ff01'] };
  const { palette } = unpacked({ legend: { ...legend, scale }, palette: 'AHKy', empty: '' }, TEXTS);
  assert.deepEqual(palette, [
    [0, 0, 0], [50, 5, 0], [100, 10, 0], [100, 133, 1], [100, 255, 1], [0, 0x72, 0xb2],
  ]);
});
