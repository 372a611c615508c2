import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Outbox } from '../../../components/gallery/outbox.js';

globalThis.window = globalThis;

function outbox() {
  const sent = [];
  return { sent, box: new Outbox((...what) => sent.push(what)) };
}

test('of several changes the last one is sent, and none twice', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { sent, box } = outbox();
  box.soon();
  mock.timers.tick(150);
  box.soon();
  mock.timers.tick(150);
  assert.deepEqual(sent, []);
  mock.timers.tick(50);
  assert.deepEqual(sent, [[1, 'select', null]]);
  box.flush();
  mock.timers.tick(10_000);
  assert.equal(sent.length, 1);
  mock.timers.reset();
});

test('opening an image goes out at once and takes the change before it along', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { sent, box } = outbox();
  box.soon();
  box.send('open', 4);
  mock.timers.tick(1000);
  assert.deepEqual(sent, [[1, 'open', 4]]);
  mock.timers.reset();
});

test('a page that sends selections back gets one again that it missed', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { sent, box } = outbox();
  box.heard(7);
  box.sequence = 7;
  box.send('select', null);
  mock.timers.tick(3000);
  assert.deepEqual(sent, [[8, 'select', null], [8, 'select', null]]);
  box.send('select', null);
  box.heard(9);
  mock.timers.tick(3000);
  assert.equal(sent.length, 3);
  mock.timers.reset();
});
