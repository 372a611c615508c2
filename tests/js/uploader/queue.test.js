import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';

import { UploadQueue, problemText } from '../../../components/uploader/queue.js';
import { AnswerError, ConnectionError, GUARD } from '../../../components/uploader/transport.js';

const TEXTS = {
  wrong_ending: 'no image', unreadable: 'unreadable', refused: 'refused', not_sent: 'not sent',
  no_connection: 'no connection', server_error: 'error {status}',
};

/**
 * A server of the upload protocol. `mishaps` maps a file index to the statuses that it gets before
 * it is taken; 0 closes the connection without an answer.
 */
class Server {
  constructor() {
    /** @type {Map<number, {name: string, body: string}>} */
    this.files = new Map();
    /** @type {Map<number | 'begin' | 'complete', number[]>} */
    this.mishaps = new Map();
    /** @type {any} */
    this.begun = null;
    /** @type {any} */
    this.completed = null;
    this.deleted = false;
    this.unguarded = 0;
    this.now = 0;
    this.most = 0;
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async open() {
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', () => resolve(null)); });
    const address = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${address.port}/api/uploads`;
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async answer(request, response) {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    if (request.headers['x-datag-request'] !== '1') this.unguarded += 1;
    let body = '';
    for await (const part of request) body += part;
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    this.now -= 1;
    const url = new URL(request.url ?? '', 'http://localhost');
    const file = /files\/(\d+)$/.exec(url.pathname);
    const step = file ? Number(file[1]) : url.pathname.endsWith('complete') ? 'complete' : 'begin';
    const status = this.mishaps.get(step)?.shift();
    if (status === 0) return void request.socket.destroy();
    response.setHeader('Content-Type', 'application/json');
    if (status) {
      return void response.writeHead(status).end(JSON.stringify({ error: `reason ${status}` }));
    }
    response.end(JSON.stringify(this.take(request.method ?? '', step, url, body)));
  }

  /**
   * @param {string} method
   * @param {number | 'begin' | 'complete'} step
   * @param {URL} url
   * @param {string} body
   */
  take(method, step, url, body) {
    if (method === 'DELETE') {
      this.deleted = url.pathname.endsWith('/tok%2Fen');
      return {};
    }
    if (step === 'begin') {
      this.begun = JSON.parse(body);
      return { upload: 'tok/en' };
    }
    if (step === 'complete') {
      this.completed = JSON.parse(body);
      return { batch: 12, job: 'j' };
    }
    this.files.set(step, { name: url.searchParams.get('name') ?? '', body });
    return { bytes: body.length };
  }
}

/**
 * A transport over fetch: Node has no XMLHttpRequest. The real one is driven by a browser.
 * @type {import('../../../components/uploader/transport.js').SendFile}
 */
const send = async ({ endpoint, file, metadata, onPlace, onProgress, signal }) => {
  const url = `${endpoint}/${metadata.index}?name=${encodeURIComponent(metadata.filename)}`;
  const response = await fetch(url, { method: 'PUT', headers: GUARD, body: file, signal })
    .catch((error) => { throw signal.aborted ? error : new ConnectionError(url); });
  const answer = await response.json();
  if (!response.ok) throw new AnswerError(response.status, answer.error);
  onPlace(url);
  onProgress(file.size);
};

/** @type {Server} */
let server;
let url = '';

beforeEach(async () => {
  server = new Server();
  url = await server.open();
});
afterEach(() => {
  server.server.closeAllConnections();
  server.server.close();
});

/**
 * @param {number} count
 * @param {number} [size]
 * @param {Partial<ConstructorParameters<typeof UploadQueue>[0]>} [options]
 */
function queueOf(count, size = 10, options = {}) {
  const items = Array.from({ length: count }, (_, i) => ({
    file: new Blob([String(i).padEnd(size, '.')]), path: `폴더/${i} & more.png`,
  }));
  return new UploadQueue({
    url, projectId: 7, items, texts: TEXTS,
    failed: [{ name: 'notes.txt', reason: 'wrong_ending' }],
    onChange: () => {}, send, retryDelays: [2, 2, 2, 2, 2], reviveAfter: 0, ...options,
  });
}

test('every file arrives once with its name, and the upload is completed', async () => {
  const queue = queueOf(50);
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.equal(queue.batch, 12);
  assert.deepEqual(server.begun, { project_id: 7, files: 50, bytes: 500 });
  assert.equal(server.files.size, 50);
  assert.deepEqual(server.files.get(31), { name: '폴더/31 & more.png', body: '31........' });
  assert.deepEqual(server.completed, {
    failed: [{ name: 'notes.txt', reason: 'wrong_ending', error: 'no image' }],
  });
  assert.equal(queue.sentBytes, 500);
  assert.equal(queue.arrivedFiles, 50);
  assert.equal(server.unguarded, 0);
});

test('six small files at a time, four large ones', async () => {
  await queueOf(40).start();
  assert.equal(server.most, 6);
  server.most = 0;
  await queueOf(12, 300 * 1024).start();
  assert.equal(server.most, 4);
});

test('a refused file is noted with the server\'s reason and the rest goes on', async () => {
  server.mishaps.set(3, [413]);
  server.mishaps.set(8, [422]);
  const queue = queueOf(12);
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.equal(server.files.size, 10);
  assert.deepEqual(server.completed.failed.slice(1).map((/** @type {any} */ f) => f.error).sort(), [
    'reason 413', 'reason 422',
  ]);
  assert.equal(queue.arrivedFiles, 10);
  assert.equal(queue.settledFiles, 12);
});

test('lost connections and stumbles are tried again, up to five times', async () => {
  server.mishaps.set('begin', [503]);
  server.mishaps.set(0, [0, 502, 0, 500, 503]);
  server.mishaps.set('complete', [0, 500]);
  const queue = queueOf(3);
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.equal(server.files.size, 3);
  assert.equal(queue.failed.length, 1);
  assert.equal(queue.waitingForConnection, 0);
});

test('a file that the server stumbles over six times is noted', async () => {
  server.mishaps.set(1, [500, 500, 500, 500, 500, 500]);
  const queue = queueOf(3);
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.deepEqual(server.completed.failed[1], {
    name: '폴더/1 & more.png', reason: 'refused', error: 'reason 500',
  });
});

test('a full disk interrupts at once; resuming sends what is missing', async () => {
  server.mishaps.set(20, [507]);
  const queue = queueOf(60);
  await queue.start();
  assert.equal(queue.phase, 'interrupted');
  assert.equal(problemText(queue.problem, TEXTS), 'reason 507');
  assert.equal(server.completed, null);
  assert.ok(server.files.size < 40);
  assert.equal(queue.settledFiles + queue.waiting.length, 60);
  await queue.resume();
  assert.equal(queue.phase, 'done');
  assert.equal(server.files.size, 60);
  assert.equal(queue.failed.length, 1);
});

test('an interrupted upload can be finished with what arrived', async () => {
  server.mishaps.set(20, [507]);
  const queue = queueOf(60);
  await queue.start();
  await queue.finish();
  assert.equal(queue.phase, 'done');
  const missing = server.completed.failed.filter(
    (/** @type {any} */ f) => f.error === 'not sent',
  );
  assert.equal(missing.length + queue.settledFiles, 60);
  assert.equal(queue.arrivedFiles, queue.settledFiles);
  assert.ok(missing.some((/** @type {any} */ f) => f.name === '폴더/20 & more.png'));
});

test('a connection that stays away interrupts instead of failing every file', async () => {
  const queue = queueOf(30);
  server.mishaps.set(5, [0, 0, 0, 0, 0, 0]);
  await queue.start();
  assert.equal(queue.phase, 'interrupted');
  assert.equal(problemText(queue.problem, TEXTS), 'no connection');
  assert.equal(queue.failed.length, 1);
  await queue.resume();
  assert.equal(server.files.size, 30);
});

test('a server that cannot be reached at all says so', async () => {
  server.server.close();
  server.server.closeAllConnections();
  const queue = queueOf(2);
  await queue.start();
  assert.equal(queue.phase, 'interrupted');
  assert.equal(queue.upload, '');
});

test('an unreadable file is noted without waiting for the connection', async () => {
  const queue = queueOf(3);
  const gone = { size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) };
  queue.items[1].file = /** @type {Blob} */ (/** @type {unknown} */ (gone));
  queue.send = (sending) => {
    if (sending.file === queue.items[1].file) return Promise.reject(new ConnectionError('gone'));
    return send(sending);
  };
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.deepEqual(server.completed.failed[1], {
    name: '폴더/1 & more.png', reason: 'unreadable', error: 'unreadable',
  });
});

test('cancelling stops the requests and takes the upload back', async () => {
  const queue = queueOf(200);
  const running = queue.start();
  while (server.files.size < 10) await new Promise((resolve) => { setTimeout(resolve, 2); });
  await queue.cancel();
  await running;
  assert.equal(queue.phase, 'cancelled');
  assert.equal(server.deleted, true);
  assert.equal(server.completed, null);
  const sent = server.files.size;
  await new Promise((resolve) => { setTimeout(resolve, 60); });
  assert.ok(server.files.size <= sent + 6 && sent < 200);
});

test('nothing but refused names completes an upload without files', async () => {
  const queue = queueOf(0);
  await queue.start();
  assert.equal(queue.phase, 'done');
  assert.equal(queue.sentBytes, 0);
});

test('a file that gets on between lost connections is tried for as long as it takes', async () => {
  let sent = 0;
  const queue = queueOf(1, 100, {
    send: ({ onProgress }) => {
      sent += 10;
      onProgress(sent);
      return sent < 100 ? Promise.reject(new ConnectionError('lost')) : Promise.resolve();
    },
  });
  await queue.start();
  assert.equal(queue.phase, 'done');
});

test('an upload interrupted by the connection goes on by itself', async () => {
  server.mishaps.set(0, [0, 0, 0, 0, 0, 0, 0]);
  const queue = queueOf(3, 10, { reviveAfter: 5 });
  await queue.start();
  assert.equal(queue.phase, 'interrupted');
  while (queue.phase !== 'done') await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.equal(server.files.size, 3);
});

test('going on with an earlier upload sends only what is missing', async () => {
  const items = ['a', 'b', 'c', 'd'].map((path) => (
    { path, file: new File(['0123456789'], path, { lastModified: 50 }) }
  ));
  const arrived = (/** @type {string} */ name, /** @type {object} */ other) => (
    { name, index: 0, bytes: 10, modified: 50, offset: 10, ...other }
  );
  /** @type {Record<string, string | null>} */
  const sent = {};
  const queue = queueOf(0, 0, {
    items,
    send: ({ metadata, place }) => {
      sent[`${metadata.filename} as ${metadata.index}`] = place;
      return Promise.resolve();
    },
    previous: {
      token: 'old',
      files: [
        arrived('a', { index: 4 }),
        arrived('b', { index: 2, offset: 6 }),
        arrived('c', { index: 7, modified: 49 }),
        arrived('elsewhere', { index: 9 }),
      ],
    },
  });
  assert.equal(queue.sentBytes, 10);
  await queue.start();
  assert.deepEqual(sent, {
    'b as 2': `${url}/old/files/2`, // goes on behind its sixth byte
    'c as 7': null, // has changed since: sent anew in the old one's place
    'd as 10': null,
  });
  assert.equal(queue.arrivedFiles, 4);
  assert.equal(server.begun, null);
});
