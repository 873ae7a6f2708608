import { openFixtureEncoder, type FixtureName } from '../testing/fixtures';
import { encodePairs, type Encoder } from '../index';

const words = (count: number) => 'a '.repeat(count).trim();

function encode(encoder: Encoder, query: string, document: string) {
  const encoded = encodePairs(encoder, { query, documents: [document], instruction: '' });
  return encoded.ok ? { kept: encoded.documents[0]?.keptTokens } : { code: encoded.failure.code };
}

/** Rows of 64 tokens; the longest query of single-token words that leaves room for a document's first token. */
function longestQuery(encoder: Encoder): number {
  let count = 0;
  while (encode(encoder, words(count + 1), 'a').kept === 1 || encode(encoder, words(count + 1), 'a a').kept === 2)
    count++;
  return count;
}

describe.each([
  ['tiny-bert', '1'],
  ['tiny-xlmr', '1'],
  ['tiny-qwen3', 'plain'],
] as [FixtureName, string][])('the room that a query leaves: %s', (name, version) => {
  const encoder = openFixtureEncoder(name, version, 64);

  test('a query may leave room for one token of the document, and not for none', () => {
    const longest = longestQuery(encoder);
    const query = words(longest);
    const room = encode(encoder, query, words(100));
    expect(room.kept).toBeGreaterThanOrEqual(1);
    expect(encode(encoder, words(longest + 64), 'a')).toEqual({ code: 'query_too_long' });
    expect(encode(encoder, words(longest + (room.kept ?? 0)), 'a')).toEqual({ code: 'query_too_long' });
  });
});

test('a document whose first token does not take in the space before it needs one token more', () => {
  const encoder = openFixtureEncoder('tiny-qwen3', 'plain', 64);
  const query = words(longestQuery(encoder));
  expect(encode(encoder, query, 'the').kept).toBe(1);
  expect(encode(encoder, query, '7')).toEqual({ code: 'query_too_long' });
  expect(encode(encoder, query, '')).toEqual({ kept: 0 });
});
