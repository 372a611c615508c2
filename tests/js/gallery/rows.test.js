import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { RowCache } from '../../../components/gallery/rows.js';

/** @type {number[][]} */
let asked = [];
let name = 'first';
let failures = 0;
/** @type {import('node:http').Server} */
let server;
let url = '';

before(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      if (failures-- > 0) return void response.writeHead(500).end();
      const { ids } = JSON.parse(body);
      asked.push(ids);
      const rows = ids.filter((/** @type {number} */ id) => id < 9000)
        .map((/** @type {number} */ id) => ({ id, name: `${name} ${id}` }));
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ rows, guard: request.headers['x-datag-request'] }));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(null)); });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  url = `http://127.0.0.1:${address.port}/rows`;
});

after(() => server.close());

/** A cache and a promise of its next `count` changes. */
function freshCache() {
  asked = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  const cache = new RowCache(() => waiting.shift()?.());
  cache.configure(url, '1');
  const changed = () => new Promise((resolve) => { waiting.push(() => resolve(null)); });
  return { cache, changed };
}

test('asks once for each image and remembers the answer', async () => {
  const { cache, changed } = freshCache();
  assert.equal(cache.get(7), undefined);
  const answer = changed();
  cache.want([7, 8]);
  await answer;
  assert.equal(cache.get(7)?.name, 'first 7');
  cache.want([7, 8]);
  const second = changed();
  cache.want([8, 9]);
  await second;
  assert.deepEqual(asked, [[7, 8], [9]]);
});

test('an image that is being asked for is not asked for again', async () => {
  const { cache, changed } = freshCache();
  const answers = [changed(), changed()];
  cache.want([7, 8]);
  cache.want([7, 8, 9]);
  await Promise.all(answers);
  assert.deepEqual(asked, [[7, 8], [9]]);
});

test('an image that is not there is known to be gone', async () => {
  const { cache, changed } = freshCache();
  const answer = changed();
  cache.want([9001]);
  await answer;
  assert.equal(cache.get(9001), null);
});

test('a new data version asks again and shows the old row meanwhile', async () => {
  const { cache, changed } = freshCache();
  let answer = changed();
  cache.want([7]);
  await answer;
  name = 'second';
  cache.configure(url, '2');
  assert.equal(cache.get(7)?.name, 'first 7');
  answer = changed();
  cache.want([7]);
  await answer;
  assert.equal(cache.get(7)?.name, 'second 7');
});

test('many images go in batches; what scrolled past unasked is dropped', async () => {
  const { cache, changed } = freshCache();
  const first = changed();
  cache.want(Array.from({ length: 500 }, (_, i) => i));
  cache.want([8000]);
  await first;
  await changed();
  assert.deepEqual(asked.map((ids) => ids.length), [200, 1]);
});

test('a failed request is tried again after a pause', async () => {
  const { cache, changed } = freshCache();
  failures = 1;
  const answer = changed();
  const start = Date.now();
  cache.want([42]);
  await answer;
  assert.ok(Date.now() - start >= 2000);
  assert.equal(cache.get(42)?.id, 42);
});
