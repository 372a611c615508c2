import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scaleEnds } from '../../../components/map/text.js';

const NOON = Date.UTC(2026, 2, 5, 12) / 1000;
const scale = (low, high, dates) => ({ low, high, dates, unit: '', colours: [] });

test('the ends of a scale are short numbers or days', () => {
  assert.deepEqual(scaleEnds(scale(0.123456, 98.76, false), 'en'), ['0.123', '98.8']);
  assert.deepEqual(scaleEnds(scale(NOON, NOON + 86_400 * 30, true), 'en'), ['3/5/26', '4/4/26']);
});

test('dates within two days have their hours', () => {
  const [low, high] = scaleEnds(scale(NOON, NOON + 5400, true), 'en');
  assert.match(low, /^3\/5\/26, 12:00\sPM$/u);
  assert.match(high, /^3\/5\/26, 1:30\sPM$/u);
});
