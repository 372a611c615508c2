import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRefused, tidyPath } from '../../../components/uploader/collect.js';

test('paths are relative, whole and spelt one way', () => {
  assert.equal(tidyPath('/loom/panel 1.png'), 'loom/panel 1.png');
  assert.equal(tidyPath('스크래치.png'.normalize('NFD')), '스크래치.png');
  assert.equal(tidyPath('broken\ud800.png'), 'broken\ufffd.png');
  assert.equal(tidyPath('fine \u{1f600}.png'), 'fine \u{1f600}.png');
  assert.doesNotThrow(() => encodeURIComponent(tidyPath('\udc00')));
});

test('a wrong ending is refused, none is not', () => {
  const accept = ['.png', '.zip'];
  assert.equal(isRefused('a/b.PNG', accept), false);
  assert.equal(isRefused('a.png/readme.txt', accept), true);
  assert.equal(isRefused('a.txt/picture', accept), false);
  assert.equal(isRefused('.DS_Store', accept), true);
  assert.equal(isRefused('archive.tar.zip', accept), false);
});
