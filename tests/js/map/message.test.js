import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unpacked } from '../../../components/map/message.js';

const TEXTS = { empty: 'Nothing here', retry: 'Again' };

test('colours come as three bytes each in base 64', () => {
  const data = unpacked({ n: 2, palette: 'AHKy5p8A', texts_url: '/texts', empty: '' }, TEXTS);
  assert.deepEqual(data, { n: 2, palette: [[0, 0x72, 0xb2], [0xe6, 0x9f, 0]], texts: TEXTS });
});

test('a text of the page takes the place of the one for no points, and of none else', () => {
  const { texts } = unpacked({ palette: '', empty: 'Make a map first' }, TEXTS);
  assert.deepEqual(texts, { empty: 'Make a map first', retry: 'Again' });
  assert.equal(TEXTS.empty, 'Nothing here');
});
