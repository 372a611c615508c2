import assert from 'node:assert/strict';
import { test } from 'node:test';

import { marked, tokens } from '../../../components/query_box/tokens.js';

/** @param {string} query */
const kinds = (query) => tokens(query)
  .filter(({ kind }) => kind !== 'space')
  .map(({ kind, text }) => [kind, text]);

test('fields, values, words and brackets are told apart', () => {
  assert.deepEqual(kinds('tag:scratch AND NOT (conf:<0.5 or "a b")'), [
    ['field', 'tag:'], ['value', 'scratch'], ['keyword', 'AND'], ['keyword', 'NOT'],
    ['bracket', '('], ['field', 'conf:<'], ['value', '0.5'], ['keyword', 'or'],
    ['string', '"a b"'], ['bracket', ')'],
  ]);
});

test('a value may look like a word of the language or hold a colon', () => {
  assert.deepEqual(kinds('ratio:16:9 pred:"steel drum" android'), [
    ['field', 'ratio:'], ['value', '16:9'], ['field', 'pred:'], ['string', '"steel drum"'],
    ['text', 'android'],
  ]);
});

test('a minus negates in front of a term and joins within a word', () => {
  assert.deepEqual(kinds('-tag:a line-3'), [
    ['keyword', '-'], ['field', 'tag:'], ['value', 'a'], ['text', 'line-3'],
  ]);
});

test('Korean names and attributes are fields and values', () => {
  assert.deepEqual(kinds('meta.라인:"A-3" meta."line 3":2 tag:스크래치'), [
    ['field', 'meta.라인:'], ['string', '"A-3"'], ['field', 'meta."line 3":'], ['value', '2'],
    ['field', 'tag:'], ['value', '스크래치'],
  ]);
});

test('nothing is lost of any text', () => {
  const pieces = ['tag:', '"', '\\', '(', ' ', '&', '|', '<', '🦊', '한', ':', '-', 'and', '..', '\t'];
  let seed = 7;
  for (let n = 0; n < 500; n++) {
    let text = '';
    for (let i = 0; i < 12; i++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      text += pieces[seed % pieces.length];
    }
    assert.equal(tokens(text).map((token) => token.text).join(''), text);
  }
});

test('a marked range cuts the pieces it begins and ends in', () => {
  const found = marked(tokens('tag:ab cd'), { start: 5, end: 8 });
  assert.deepEqual(found.filter((token) => token.marked).map((token) => token.text), ['b', ' ', 'c']);
  assert.equal(found.map((token) => token.text).join(''), 'tag:ab cd');
});
