import { askExample, examples, rankedTexts } from './examples';

const example = { query: 'q', documents: ['a', 'b'] };

it('pairs each result with its document, in the order of the answer', () => {
  const body = {
    results: [
      { index: 1, relevance_score: 0.9 },
      { index: 0, relevance_score: 0.1 },
    ],
  };
  expect(rankedTexts(example, body)).toEqual([
    { score: 0.9, text: 'b' },
    { score: 0.1, text: 'a' },
  ]);
});

it.each([
  ['no results', {}],
  ['null', null],
  ['a result without a score', { results: [{ index: 0 }, { index: 1, relevance_score: 0 }] }],
  [
    'a document twice',
    {
      results: [
        { index: 0, relevance_score: 1 },
        { index: 0, relevance_score: 1 },
      ],
    },
  ],
  [
    'a document that was not sent',
    {
      results: [
        { index: 0, relevance_score: 1 },
        { index: 2, relevance_score: 1 },
      ],
    },
  ],
  ['a document missing', { results: [{ index: 0, relevance_score: 1 }] }],
])('refuses an answer with %s', (_what, body) => {
  expect(() => rankedTexts(example, body)).toThrow(/gateway/);
});

it('has an English and a Chinese example', () => {
  expect(examples.map(({ query }) => /\p{Script=Han}/u.test(query))).toEqual([false, true]);
});

it('does not show a key that is not a valid header value', async () => {
  const gateway = { url: 'http://127.0.0.1:1', apiKey: 'hush\nhush' };
  const asked = askExample(gateway, example, new AbortController().signal);
  await expect(asked).rejects.toThrow(/^the example could not be sent: (?!.*hush)/);
});
