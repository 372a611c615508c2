import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { vendored } from '../../../tools/vendor_tus.mjs';

const ROOT = new URL('../../../', import.meta.url);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, ROOT), 'utf8');
const kept = read('components/uploader/vendor/tus.js');

test('the vendored client is the locked one, unchanged', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const { version } = packages['node_modules/tus-js-client'];
  assert.ok(kept.includes(`tus-js-client ${version}\n`));
  assert.equal(kept, vendored());
});

test('it carries the licences of all that is in it', () => {
  assert.equal(kept.match(/Permission is hereby granted|Redistribution and use/g)?.length, 5);
});

test('the lock names no host', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
});
