// A query cut into pieces to colour. The grammar that counts is core/search/grammar.lark; whatever
// does not fit here is plain text, and what is wrong is said by the server.

/**
 * @typedef {'space' | 'string' | 'bracket' | 'field' | 'keyword' | 'value' | 'text'} Kind
 * @typedef {{kind: Kind, text: string}} Token
 */

const WORDS = 'and|or|not|order\\s+by|asc|desc|limit|sample|seed|per|random';

/** In the order in which they are tried. @type {[Kind, RegExp][]} */
const RULES = [
  ['space', /\s+/uy],
  ['string', /"(?:\\.|[^"\\])*"?/uys],
  ['bracket', /[(),]/uy],
  ['keyword', new RegExp(`(?:${WORDS})(?=[\\s()"]|$)|&&?|\\|\\|?|[-!](?=\\S)`, 'uyi')],
  ['field', /(?:meta\."(?:\\.|[^"\\])*"|\p{L}[\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)?)(?::(?:[<>]=?|=)?|[<>]=?|=)/uyi],
  ['text', /[^\s()"&|,:<>=]+/uy],
  ['text', /./uys],
];
// What stands right behind a field's operator.
const VALUE = /[^\s()"&|,]+/uy;

/**
 * The pieces of a query; joined, their texts are the query.
 * @param {string} query
 * @returns {Token[]}
 */
export function tokens(query) {
  /** @type {Token[]} */
  const found = [];
  let at = 0;
  while (at < query.length) {
    const token = valueAt(query, at, found.at(-1)) ?? ruleAt(query, at);
    found.push(token);
    at += token.text.length;
  }
  return found;
}

/**
 * @param {string} query
 * @param {number} at
 * @param {Token | undefined} before
 * @returns {Token | null}
 */
function valueAt(query, at, before) {
  if (before?.kind !== 'field') return null;
  VALUE.lastIndex = at;
  const match = VALUE.exec(query);
  return match && { kind: 'value', text: match[0] };
}

/**
 * @param {string} query
 * @param {number} at
 * @returns {Token}
 */
function ruleAt(query, at) {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(query);
    if (match) return { kind, text: match[0] };
  }
  return { kind: 'text', text: query[at] };
}

/**
 * The pieces again, cut where a marked range begins and ends.
 * @param {Token[]} pieces
 * @param {{start: number, end: number} | null} range in UTF-16 units
 * @returns {(Token & {marked: boolean})[]}
 */
export function marked(pieces, range) {
  const found = [];
  let at = 0;
  for (const { kind, text } of pieces) {
    const cuts = range ? [range.start, range.end] : [];
    const inside = cuts.map((cut) => cut - at).filter((cut) => cut > 0 && cut < text.length);
    const edges = [0, ...inside, text.length];
    for (let i = 0; i + 1 < edges.length; i++) {
      const start = at + edges[i];
      const isMarked = range !== null && start >= range.start && start < range.end;
      found.push({ kind, text: text.slice(edges[i], edges[i + 1]), marked: isMarked });
    }
    at += text.length;
  }
  return found;
}
