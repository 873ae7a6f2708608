import { sigmoid, type RerankRequest } from '@rerank-fleet/contract';
import fc from 'fast-check';
import { rankingOf } from '../testing';
import { blankLogit, mergeBlank, splitOffBlank } from './blank-documents';

const request = (documents: string[], topN?: number): RerankRequest => ({
  model: undefined,
  query: 'q',
  instruction: undefined,
  documents,
  topN,
  returnDocuments: false,
  rawScores: false,
  returnTokens: true,
  maxTokensPerDocument: undefined,
  truncationSide: 'right',
  priority: 0,
});

test('the logit of a blank document has the score 0 exactly', () => expect(sigmoid(blankLogit)).toBe(0));

test('a request without blank documents is sent as it is, and its ranking returned as it is', () => {
  const whole = request(['a', 'b']);
  const split = splitOffBlank(whole);
  const ranking = rankingOf(whole, 'r');
  expect(split.sent).toBe(whole);
  expect(mergeBlank(ranking, split)).toBe(ranking);
});

test('the others are ranked as without them, wherever blank ones stand', () => {
  const document = fc.oneof(
    fc.constantFrom('', ' ', '\u200b'),
    fc.string({ minLength: 1 }).map((text) => `x${text}`),
  );
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 30 }), fc.option(fc.nat(35)), (documents, limit) => {
      const split = splitOffBlank(request(documents, limit || undefined));
      const places = documents.flatMap((text, index) => (text.startsWith('x') ? [index] : []));
      expect(split.sent.documents).toEqual(places.map((index) => documents[index]));
      const tokens = split.sent.documents.map((text) => text.length);
      const truncated = tokens.map((count, index) => ({ index, tokens: count, keptTokens: 1, keptCharacters: 1 }));
      const alone = rankingOf(split.sent, 'r', { documentTokens: tokens, truncated });
      const merged = mergeBlank(alone, split);
      const blank = documents.flatMap((_, index) => (places.includes(index) ? [] : [index]));
      const all = [...alone.results.map(({ index }) => places[index]), ...blank].slice(0, limit || undefined);
      expect(merged.results.map(({ index }) => index)).toEqual(all);
      expect(merged.truncated.map(({ index }) => index)).toEqual(places);
      expect(merged.documentTokens).toEqual(documents.map((text, at) => (places.includes(at) ? text.length : 0)));
      expect(merged.tokens).toEqual(alone.tokens);
    }),
  );
});
