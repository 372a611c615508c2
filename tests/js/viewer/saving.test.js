import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SaveQueue } from '../../../components/viewer/saving.js';

const box = (label) => ({ label, box: [0, 0, 1, 1] });

function queue(known = null) {
  const sent = [];
  let number = 0;
  const made = new SaveQueue(known, (change) => sent.push(change), () => `t${(number += 1)}`);
  return { made, sent };
}

test('a change goes out at once and says what was seen', () => {
  const { made, sent } = queue([box('a')]);
  made.save([box('b')]);
  assert.deepEqual(sent, [{ token: 't1', boxes: [box('b')], seen: [box('a')] }]);
  assert.deepEqual(made.current, [box('b')]);
});

test('the next change waits for the answer and builds on it', () => {
  const { made, sent } = queue();
  made.save([box('b')]);
  made.save([box('b'), box('c')]);
  assert.equal(sent.length, 1);
  assert.equal(made.current.length, 2);
  assert.equal(made.heard([box('B')], { token: 't1', saved: true }), false);
  // Python may store a name in another form than it was typed.
  assert.deepEqual(sent[1], { token: 't2', boxes: [box('b'), box('c')], seen: [box('B')] });
});

test('a run without the answer changes nothing', () => {
  const { made, sent } = queue();
  made.save([box('b')]);
  made.heard(null, null);
  made.heard(null, { token: 'older', saved: true });
  assert.deepEqual(made.current, [box('b')]);
  assert.equal(sent.length, 1);
  assert.ok(made.busy);
});

test('a refusal gives up what waited behind it', () => {
  const { made, sent } = queue();
  made.save([box('b')]);
  made.save([]);
  assert.equal(made.heard([box('theirs')], { token: 't1', saved: false }), true);
  assert.deepEqual(made.current, [box('theirs')]);
  assert.equal(sent.length, 1);
  assert.equal(made.heard([box('theirs')], { token: 't1', saved: false }), false);
});

test('nobody said is not the same as none', () => {
  const { made, sent } = queue([box('a')]);
  made.save(null);
  made.save([]);
  made.heard(null, { token: 't1', saved: true });
  assert.deepEqual(sent[1], { token: 't2', boxes: [], seen: null });
});

test('a change is sent again until it is answered', () => {
  const { made, sent } = queue();
  made.again();
  made.save([]);
  made.again();
  assert.deepEqual(sent.map(({ token }) => token), ['t1', 't1']);
  made.heard([], { token: 't1', saved: true });
  made.again();
  assert.equal(sent.length, 2);
});

test('what must not overtake a change waits for the last one', () => {
  const { made } = queue();
  const done = [];
  made.whenIdle(() => done.push('at once'));
  made.save([]);
  made.save(null);
  made.whenIdle(() => done.push('later'));
  made.heard([], { token: 't1', saved: true });
  assert.deepEqual(done, ['at once']);
  made.heard(null, { token: 't2', saved: true });
  assert.deepEqual(done, ['at once', 'later']);
});
