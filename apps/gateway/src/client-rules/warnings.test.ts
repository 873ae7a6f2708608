import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import { dialectCases, isSorted, warningsIn, type DialectCase } from './cases';
import { call, fakeFleet, rankingOf, someModel, startEdge, type TestEdge } from '../testing';

/** Documents in which nothing shows, and options without effect, in every dialect. */

/** What the fleet's answers have beside its scores. */
let changes: (request: RerankRequest) => Partial<Ranking>;
let edge: TestEdge;
beforeAll(async () => {
  const fleet = fakeFleet(async (request, { requestId }) => ({
    ok: true,
    ranking: rankingOf(request, requestId, changes(request)),
  }));
  edge = await startEdge({ fleet });
});
beforeEach(() => (changes = () => ({})));
afterAll(() => edge.close());

const each = dialectCases.map((dialect) => ({ name: dialect.name, dialect }));

async function ranked(dialect: DialectCase, documents: readonly unknown[], options?: object) {
  const answer = await call(edge, { path: dialect.path, body: dialect.body('q', documents, options) });
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return {
    results: dialect.results(answer.json),
    warnings: warningsIn(dialect, answer),
    answer,
    sent: edge.fleet.asked.at(-1)?.request,
  };
}

const lowest = ({ isLogit }: DialectCase) => (isLogit ? -1_000 : 0);
/** The places of results in the order in which they are to come. */
const order = ({ order: kind }: DialectCase, bestFirst: readonly number[]) =>
  kind === 'best first' ? bestFirst : [...bestFirst].sort((left, right) => left - right);

describe.each(each)('$name: documents in which nothing shows', ({ dialect }) => {
  const blank = ['', ' \u00a0\n', '\u200b\ufeff', { text: '\u00ad' }, { content: [] }];
  const mixed = ['', 'b', ' \u00a0\n', { text: '\u00ad' }, 'a'];

  test('are not sent, score 0, rank last in the order of the request, and are named in the warnings', async () => {
    const { results, warnings, sent } = await ranked(dialect, mixed);
    expect(sent?.documents).toEqual(['b', 'a']);
    const bestFirst = rankingOf({ ...sent!, documents: ['b', 'a'] }, 'r').results.map(
      ({ index }) => [1, 4][index] ?? 0,
    );
    expect(results.map(({ index }) => index)).toEqual(order(dialect, [...bestFirst, 0, 2, 3]));
    for (const { index, score } of results)
      expect([index, score === lowest(dialect)]).toEqual([index, ![1, 4].includes(index)]);
    if (dialect.order === 'best first') expect(isSorted(results)).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/^No visible text in documents 0, 2, 3: .*\(raw -1000\)/)]);
  });

  test('alone they are all answered with 0, and no document is sent', async () => {
    const { results, warnings, sent } = await ranked(dialect, blank);
    expect(sent?.documents).toEqual([]);
    expect(results.map(({ index, score }) => [index, score])).toEqual(blank.map((_, at) => [at, lowest(dialect)]));
    expect(warnings).toEqual([expect.stringContaining('documents 0, 1, 2, 3, 4:')]);
  });

  test('a request without them warns of nothing', async () => {
    expect((await ranked(dialect, ['a', '👩\u200d💻', '\u0301'])).warnings).toEqual([]);
  });

  test('what is reported of the others keeps its index', async () => {
    changes = ({ documents }) => ({
      truncated: [{ index: documents.length - 1, tokens: 900, keptTokens: 500, keptCharacters: 1_800 }],
    });
    const { answer } = await ranked(dialect, mixed);
    const { truncated } = answer.json as { truncated?: { index: number }[] };
    if (!Array.isArray(answer.json)) expect(truncated?.map(({ index }) => index)).toEqual([4]);
    expect(answer.headers['x-truncated-documents']).toBe('1');
  });
});

describe('documents in which nothing shows', () => {
  const limited = each.filter(({ dialect }) => dialect.limit !== undefined);
  test.each(limited)('$name: they fill what is left of the limit, and no more', async ({ dialect }) => {
    const at = async (count: number) =>
      (await ranked(dialect, ['', 'a', '', ''], { [dialect.limit ?? '']: count })).results.map(({ index }) => index);
    expect(await at(1)).toEqual([1]);
    expect(await at(3)).toEqual([1, 0, 2]);
  });

  const byFields = each.filter(({ dialect }) => dialect.options.includes('rank_fields'));
  test.each(byFields)(
    '$name: the members that are ranked by count, whatever else is in the object',
    async ({ dialect }) => {
      const documents = [{ title: ' ', body: 'a' }, { title: 'b' }];
      const { sent, warnings } = await ranked(dialect, documents, { rank_fields: ['title'] });
      expect(sent?.documents).toEqual(['b']);
      expect(warnings).toEqual([expect.stringContaining('documents 0:')]);
    },
  );

  test('have no tokens, and come back as they were sent', async () => {
    changes = ({ documents }) => ({ documentTokens: documents.map(() => 7) });
    const body = { query: 'q', documents: ['', 'a', '\u00ad'], return_tokens: true, return_documents: true };
    const { json } = await call(edge, { path: '/v1/rerank', body });
    expect(json).toMatchObject({
      tokens: { documents: [0, 7, 0] },
      results: [{ index: 1 }, { index: 0, document: { text: '' } }, { index: 2, document: { text: '\u00ad' } }],
    });
  });

  test('raw scores have a logit whose sigmoid is 0', async () => {
    const { results } = await ranked(dialectCases[0]!, ['', 'a'], { raw_scores: true });
    expect(results[1]).toEqual({ index: 0, score: -1_000 });
    expect(1 / (1 + Math.exp(1_000))).toBe(0);
  });

  test('are counted with the rest, and can be judged', async () => {
    const answer = await call(edge, { path: '/v1/rerank', body: { query: 'q', documents: ['', 'abc'] } });
    expect(edge.observed.rankings.at(-1)).toMatchObject({ documentLengthsChars: [0, 3] });
    const body = { request_id: answer.headers['x-request-id'], results: [{ index: 0, clicked: true }] };
    expect((await call(edge, { path: '/v1/feedback', body })).json).toMatchObject({
      counted: true,
      reciprocal_rank: 0.5,
    });
  });

  test.each(each)('$name: an unknown model is still 404', async ({ dialect }) => {
    const failure = { code: 'model_not_found', message: 'No such model.' } as const;
    const without = await startEdge({ fleet: fakeFleet(async () => ({ ok: false, failure })) });
    const answer = await call(without, { path: dialect.path, body: dialect.body('q', ['', ' ']) });
    await without.close();
    expect(answer.status).toBe(404);
  });
});

/** Options of all APIs, each with a value that asks for something. */
const foreign = {
  top_n: 1,
  top_k: 1,
  return_documents: true,
  return_text: true,
  return_input: true,
  return_tokens: true,
  return_len: true,
  return_embeddings: true,
  rank_fields: ['text'],
  instruct: 'i',
  priority: 5,
  raw_scores: true,
  use_activation: false,
  activation: 'false',
  softmax: 0,
  score_threshold: 0.5,
  max_tokens_per_doc: 64,
  max_tokens_per_query: 64,
  max_chunks_per_doc: 10,
  max_chunk_per_doc: 10,
  max_doc_length: 512,
  max_query_length: 512,
  overlap_tokens: 80,
  truncate_prompt_tokens: 511,
  encoding_format: 'base64',
  mm_processor_kwargs: { fps: 1 },
  scoring_method: 'chunk_avg',
  chunking_options: { size: 512 },
  latency: 'slow',
  service_tier: 'priority',
  webhook: 'https://example.org',
};

describe.each(each)('$name: options without effect', ({ dialect }) => {
  const prefix = dialect.name.startsWith('dash-scope') ? 'parameters.' : '';
  const limits = dialect.limit === undefined ? [] : ['top_n', 'top_k'];
  const taken = (name: string) =>
    limits.includes(name) || dialect.options.includes(name) || (dialect.alsoTakes ?? []).includes(name);

  test('are warned of one by one, and those that have one are not', async () => {
    const { warnings } = await ranked(dialect, [{ text: 'a' }, 'b'], foreign);
    const unused = Object.keys(foreign).filter((name) => !taken(name));
    expect(warnings.filter((one) => !one.includes('`instruct'))).toHaveLength(
      unused.filter((name) => name !== 'instruct').length,
    );
    for (const name of unused) expect(warnings).toContain(`\`${prefix}${name}\` has no effect here.`);
  });

  test('are passed over where they ask for nothing', async () => {
    const nothing = [null, false, 0, '', 'false', '0', [], {}];
    const flags = ['use_activation', 'activation', 'softmax'];
    const unused = Object.keys(foreign).filter((name) => !taken(name) && !flags.includes(name));
    for (const value of nothing) {
      const options = Object.fromEntries(unused.map((name) => [name, value]));
      expect((await ranked(dialect, ['a'], options)).warnings).toEqual([]);
    }
    const usual = { truncate_prompt_tokens: -1, scoring_method: 'auto', latency: 'fast', service_tier: 'default' };
    const on = { use_activation: true, activation: true, softmax: true, encoding_format: 'float' };
    expect((await ranked(dialect, ['a'], { ...usual, ...on })).warnings).toEqual([]);
  });

  test('members that no rerank API has are passed over, and no warning repeats what was sent', async () => {
    const unknown = { topN: 1, hemlock: 'nightshade', user: 'x', request_id: 'x', __proto__x: 1, constructor: 1 };
    expect((await ranked(dialect, ['a'], unknown)).warnings).toEqual([]);
    const { answer } = await ranked(dialect, ['a'], { ...foreign, webhook: 'hemlock', instruct: 'hemlock' });
    expect(JSON.stringify([answer.json, answer.headers])).not.toContain('hemlock');
  });

  test.each([
    { truncate: false },
    { truncate: 'NONE' },
    { truncate: 'none' },
    { truncate: 0 },
    { truncation: false },
    { truncation: 'false' },
  ])('%j is warned of only where a document was cut', async (option) => {
    expect((await ranked(dialect, ['a'], option)).warnings).toEqual([]);
    changes = () => ({ truncated: [{ index: 0, tokens: 900, keptTokens: 500, keptCharacters: 1_800 }] });
    const [name = ''] = Object.keys(option);
    expect((await ranked(dialect, ['a'], option)).warnings).toEqual([
      expect.stringMatching(`^\`${name}\` has no effect`),
    ]);
    expect((await ranked(dialect, ['a'], { [name]: true })).warnings).toEqual([]);
  });

  test.each(['middle', '', 5, true, ['left']])('%j as a side is warned of', async (side) => {
    const { warnings, sent } = await ranked(dialect, ['a'], { truncation_side: side });
    expect(sent?.truncationSide).toBe('right');
    expect(warnings).toEqual(side === '' ? [] : [expect.stringMatching('^`truncation_side` is neither')]);
  });
});

describe('an instruction', () => {
  const takers = each.filter(({ dialect }) => dialect.options.some((name) => /^instruct/.test(name)));
  const instructionOf = ({ options }: DialectCase) => options.find((name) => /^instruct/.test(name)) ?? '';

  test.each(takers)('$name: is warned of where the model takes none', async ({ dialect }) => {
    const { warnings } = await ranked(dialect, ['a'], { [instructionOf(dialect)]: 'i' });
    expect(warnings).toEqual(['`instruction` has no effect: this model takes none.']);
    expect((await ranked(dialect, ['a'], { [instructionOf(dialect)]: ' ' })).warnings).toEqual([]);
  });

  test.each(takers)('$name: is not where it takes one', async ({ dialect }) => {
    const taking = await startEdge({ fleet: fakeFleet(undefined, [{ ...someModel, takesInstruction: true }]) });
    const body = dialect.body('q', ['a'], { [instructionOf(dialect)]: 'i' });
    const answer = await call(taking, { path: dialect.path, body });
    await taking.close();
    expect([answer.status, warningsIn(dialect, answer)]).toEqual([200, []]);
  });
});

test('`rank_fields` is warned of where no document is an object', async () => {
  for (const { dialect } of each.filter((one) => one.dialect.options.includes('rank_fields'))) {
    const expected = [expect.stringMatching('^`rank_fields` has no effect')];
    expect((await ranked(dialect, ['a', 'b'], { rank_fields: ['text'] })).warnings).toEqual(expected);
    expect((await ranked(dialect, ['a', { text: 'b' }], { rank_fields: ['text'] })).warnings).toEqual([]);
    expect((await ranked(dialect, ['a'], { rank_fields: [] })).warnings).toEqual([]);
  }
});

test("Pinecone's own `parameters` are read alike", async () => {
  const pinecone = dialectCases.find(({ name }) => name === 'pinecone')!;
  const parameters = { max_chunks_per_doc: 5, truncate: 'NONE', hemlock: 5 };
  expect((await ranked(pinecone, ['a'], { parameters })).warnings).toEqual([
    '`parameters.max_chunks_per_doc` has no effect here.',
  ]);
  changes = () => ({ truncated: [{ index: 0, tokens: 900, keptTokens: 500, keptCharacters: 1_800 }] });
  expect((await ranked(pinecone, ['a'], { parameters: { truncate: 'NONE' } })).warnings).toHaveLength(1);
});

test("DashScope's options beside `parameters` have no effect, which a warning reports", async () => {
  const body = { input: { query: 'q', documents: ['a', 'b'] }, top_n: 1, return_documents: true };
  const { json } = await call(edge, { body });
  expect(json).toHaveProperty('warnings', ['`top_n` has no effect here.', '`return_documents` has no effect here.']);
});
