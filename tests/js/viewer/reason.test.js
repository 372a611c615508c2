import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reasonOf } from '../../../components/viewer/reason.js';

/** @param {number} status @param {string} body */
const answering = (status, body) => async () => new Response(body, { status });

test('the server says why a picture is not there', async () => {
  const asked = answering(404, JSON.stringify({ error: 'It is gone from /data/a.jpg.' }));
  assert.equal(await reasonOf('/x', asked), 'It is gone from /data/a.jpg.');
});

test('nothing is said where nothing is known', async () => {
  assert.equal(await reasonOf('/x', answering(404, 'Not Found')), '');
  assert.equal(await reasonOf('/x', answering(404, '{"error": 3}')), '');
  assert.equal(await reasonOf('/x', answering(200, 'picture')), '');
  assert.equal(await reasonOf('/x', async () => { throw new TypeError('offline'); }), '');
});
