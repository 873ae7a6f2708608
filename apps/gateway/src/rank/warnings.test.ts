import type { Ranking } from '@rerank-fleet/contract';
import { cohere } from '../dialects/cohere';
import type { ParsedRequest } from '../dialects/dialect';
import { rankingOf } from '../testing';
import { warningsHeader, warningsOf } from './warnings';

const limits = { maxDocuments: 100_000, maxTextCharacters: 1_000 };

function warnings(body: object, { blank = [] as number[], truncated = [] as Ranking['truncated'] } = {}): string[] {
  const parsed = cohere.parse({ query: 'q', documents: ['a'], ...body }, limits);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const request: ParsedRequest = parsed;
  const ranking = rankingOf(request.request, 'r', { truncated });
  return warningsOf({ parsed: request, ranking, blank, takesInstruction: false });
}

const cut = { index: 0, tokens: 9, keptTokens: 5, keptCharacters: 20 };

test('a worker that cut the end where the start was to go is warned of', () => {
  const expected = [expect.stringContaining('truncated from the right: an older worker')];
  expect(warnings({ truncation_side: 'left' }, { truncated: [cut] })).toEqual(expected);
  expect(warnings({ truncation_side: 'left' }, { truncated: [{ ...cut, side: 'left' }] })).toEqual([]);
  expect(warnings({ truncation_side: 'left' })).toEqual([]);
  expect(warnings({ truncation_side: 'right' }, { truncated: [cut] })).toEqual([]);
});

test('of very many blank documents the first 50 are named', () => {
  const blank = Array.from({ length: 100_000 }, (_, index) => index);
  const [warning = '', ...others] = warnings({}, { blank });
  expect(others).toEqual([]);
  expect(warning).toContain(' 48, 49 and 99950 more:');
  expect(warning.length).toBeLessThan(500);
});

describe('the header', () => {
  const everything = warnings(
    {
      documents: ['a'],
      instruction: 'Ünïcode',
      truncate: false,
      truncation_side: 'Ünïcode',
      truncation_direction: 'x',
      overlap_tokens: 5,
      rank_fields: ['Ünïcode'],
    },
    { blank: Array.from({ length: 60 }, (_, index) => 99_900 + index), truncated: [cut] },
  );

  test('holds whole sentences of ASCII with a semicolon between each two, and within none', () => {
    expect(everything).toHaveLength(7);
    const header = warningsHeader(everything);
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(header.split('; ')).toEqual(everything);
  });

  test('is never longer than 2,000 characters, and what does not fit is left out whole', () => {
    const long = Array.from({ length: 100 }, (_, index) => `${'x'.repeat(60)} ${index}.`);
    const header = warningsHeader(long);
    expect(header.length).toBeLessThanOrEqual(2_000);
    expect(header.length).toBeGreaterThan(1_900);
    expect(long).toEqual(expect.arrayContaining(header.split('; ')));
  });
});
