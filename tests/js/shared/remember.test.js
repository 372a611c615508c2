import assert from 'node:assert/strict';
import { test } from 'node:test';

import { delivered, remembering } from '../../../components/shared/remember.js';

/** A `load` that says what was asked for. */
function loader(answers = (url) => Promise.resolve(`of ${url}`)) {
  const asked = [];
  return { asked, load: (url) => (asked.push(url), answers(url)) };
}

test('an address is asked for once, also by two at the same time', async () => {
  const { asked, load } = loader();
  const get = remembering(load);
  assert.deepEqual(await Promise.all([get('a'), get('a')]), ['of a', 'of a']);
  assert.equal(await get('a'), 'of a');
  await get('b');
  assert.deepEqual(asked, ['a', 'b']);
});

test('after a failure it is asked for again', async () => {
  let down = true;
  const { asked, load } = loader((url) => (down ? Promise.reject(new Error('down')) : Promise.resolve(url)));
  const get = remembering(load);
  await assert.rejects(get('a'), /down/);
  down = false;
  assert.equal(await get('a'), 'a');
  assert.deepEqual(asked, ['a', 'a']);
});

test('beyond the limit the one asked for first is forgotten', async () => {
  const { asked, load } = loader();
  const get = remembering(load, 2);
  for (const url of ['a', 'b', 'c', 'b', 'a']) await get(url);
  assert.deepEqual(asked, ['a', 'b', 'c', 'a']);
});

test('what the server refuses is an error that names address and status', async () => {
  globalThis.fetch = async () => ({ ok: false, status: 404 });
  await assert.rejects(delivered('/blobs/x'), /\/blobs\/x: HTTP 404/);
});
