import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RateMeter, formatBytes, formatDuration } from '../../../components/uploader/progress.js';

test('the rate is that of the last seconds', () => {
  const meter = new RateMeter();
  assert.equal(meter.rate(), 0);
  meter.add(0, 0);
  assert.equal(meter.rate(), 0);
  meter.add(1000, 5000);
  assert.equal(meter.rate(), 5000);
  for (let second = 2; second <= 20; second++) meter.add(second * 1000, 5000 + (second - 1) * 100);
  assert.equal(meter.rate(), 100);
});

test('a repeat that starts a file afresh does not give a negative rate', () => {
  const meter = new RateMeter();
  meter.add(0, 9000);
  meter.add(1000, 4000);
  assert.equal(meter.rate(), 0);
});

test('bytes in the reader\'s units', () => {
  assert.equal(formatBytes(0, 'en'), '0 byte');
  assert.equal(formatBytes(999, 'en'), '999 byte');
  assert.equal(formatBytes(1500, 'en'), '1.5 kB');
  assert.equal(formatBytes(999_600, 'en'), '1 MB');
  assert.equal(formatBytes(3_240_000_000, 'en'), '3.2 GB');
  assert.equal(formatBytes(123_456_789, 'en'), '123 MB');
});

test('durations are rounded to what matters', () => {
  assert.equal(formatDuration(0.2, 'en'), '1 sec');
  assert.equal(formatDuration(45.4, 'en'), '45 sec');
  assert.equal(formatDuration(59.7, 'en'), '1 min');
  assert.equal(formatDuration(3600, 'en'), '1 hr');
  assert.equal(formatDuration(12_000, 'en'), '3 hr 20 min');
  assert.equal(formatDuration(90, 'ko'), '2분');
});
