import { dialectCases, warningsIn, type DialectCase } from './cases';
import { call, fakeFleet, rankingOf, startEdge, type TestEdge } from '../testing';

/** From which side documents are cut, in every dialect. */

let edge: TestEdge;
beforeAll(async () => {
  const cut = { index: 0, tokens: 900, keptTokens: 500, keptCharacters: 1_800 };
  const fleet = fakeFleet(async (request, { requestId }) => ({
    ok: true,
    // a worker of this version, asked for what the model named `old` does not do
    ranking: rankingOf(request, requestId, {
      truncated: [request.truncationSide === 'left' && request.model !== 'old' ? { ...cut, side: 'left' } : cut],
    }),
  }));
  edge = await startEdge({ fleet });
});
afterAll(() => edge.close());

const each = dialectCases.map((dialect) => ({ name: dialect.name, dialect }));

async function sideWith({ path, body }: DialectCase, options: object) {
  const answer = await call(edge, { path, body: body('q', ['a', 'b'], options) });
  expect(answer.status).toBe(200);
  const { truncated } = answer.json as { truncated?: { side?: string }[] };
  return { asked: edge.fleet.asked.at(-1)?.request.truncationSide, reported: truncated?.[0]?.side, answer };
}

describe.each(each)('$name', ({ dialect }) => {
  const isObject = dialect.warnings !== 'header';

  test.each([
    ['vLLM', { truncation_side: 'left' }],
    ['TEI', { truncation_direction: 'left' }],
    ['Haystack TEI', { truncation_direction: 'Left', truncate: true }],
    ['TEI with what LiteLLM adds', { truncation_direction: 'LEFT', truncate: false }],
    ["the word of Cohere's and NVIDIA's embeddings", { truncate: 'START' }],
    ['both names', { truncation_side: 'left', truncation_direction: 'right' }],
    ['one of them null', { truncation_side: null, truncation_direction: 'left' }],
  ])('%s: the end is read, and the answer says so', async (_who, options) => {
    const { asked, reported } = await sideWith(dialect, options);
    expect([asked, reported]).toEqual(['left', isObject ? 'left' : undefined]);
  });

  test.each([
    ['no word of it', {}],
    ['vLLM', { truncation_side: 'right' }],
    ['Haystack TEI', { truncation_direction: 'Right', truncate: true }],
    ['null', { truncation_side: null, truncation_direction: null }],
    ['NVIDIA', { truncate: 'END' }],
    ['a side beside START', { truncate: 'START', truncation_side: 'right' }],
  ])('%s: the start is read, and nothing is said of a side', async (_who, options) => {
    const { asked, reported } = await sideWith(dialect, options);
    expect([asked, reported]).toEqual(['right', undefined]);
  });
});

test.each(each.filter(({ dialect }) => !dialect.name.startsWith('dash-scope')))(
  '$name: warns where an older worker still cut the end',
  async ({ dialect }) => {
    const { answer, reported } = await sideWith(dialect, { model: 'old', truncation_side: 'left' });
    expect(reported).toBeUndefined();
    expect(warningsIn(dialect, answer)).toEqual([expect.stringContaining('truncated from the right')]);
  },
);
