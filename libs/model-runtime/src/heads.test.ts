import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import { createEncoder, encodePairs, type Encoder, type Row, type Session } from '@rerank-fleet/scoring';
import {
  casesPerCall,
  describeSessionContract,
  fixtureModels,
  readCases,
  readFixtureTokenizer,
  type FixtureCase,
  type FixtureName,
} from '@rerank-fleet/scoring/testing';
import { loadBundle, openEncoder, openSession, type Bundle } from './index';

/** Half precision is emulated by a processor without it: one pass over all cases takes half a minute there. */
jest.setTimeout(180_000);

const processor = { addsInt8PairsIn16Bits: true };
const cpu = { provider: 'cpu', processor, threads: 1 } as const;

/** Every head and every shape of export, with the largest difference to the logits of PyTorch. */
const bundles: [FixtureName, string, number][] = [
  ['tiny-bert', '1', 1e-4],
  ['tiny-xlmr', '1', 1e-4],
  ['tiny-qwen3', 'plain', 1e-4],
  ['tiny-qwen3', 'kv', 1e-4],
  ['tiny-qwen3', 'gqa', 1e-4],
  ['tiny-qwen3', 'seqcls', 1e-4],
  ['tiny-qwen3', 'fp16', 0.02],
];

describe.each(bundles)('%s, %s', (name, version, tolerance) => {
  const cases = readCases(name).filter((one) => one.error === undefined);
  const encoders = new Map<number, Encoder>();
  let bundle: Bundle;
  let session: Session;

  beforeAll(async () => {
    bundle = await loadBundle(join(fixtureModels, name, version));
    const longest = Math.max(...cases.map(({ maxLength }) => maxLength));
    const manifest = { ...bundle.manifest, maxLengthTokens: longest };
    session = await openSession({ ...bundle, manifest }, cpu);
    const { json } = readFixtureTokenizer(name, version);
    for (const { maxLength } of cases) {
      if (encoders.has(maxLength)) continue;
      encoders.set(maxLength, createEncoder({ ...manifest, maxLengthTokens: maxLength }, json));
    }
  });
  afterAll(() => session.close());

  async function rowOf({ query, document, instruction, maxLength }: FixtureCase): Promise<Row> {
    const encoder = encoders.get(maxLength) as Encoder;
    const input = { query, documents: [document], ...(instruction !== undefined && { instruction }) };
    const encoded = encodePairs(encoder, input);
    const [row] = encoded.ok ? encoded.documents : [];
    if (!encoded.ok || row === undefined) throw new Error('not encoded');
    return { query: await session.prepare(encoded.query), document: row };
  }

  const expectLogits = (logits: Float64Array, wanted: readonly FixtureCase[]) => {
    expect(logits).toHaveLength(wanted.length);
    wanted.forEach(({ logit, score }, index) => {
      expect(Math.abs((logits[index] ?? NaN) - logit)).toBeLessThan(tolerance);
      expect(Math.abs(sigmoid(logits[index] ?? NaN) - score)).toBeLessThan(tolerance);
    });
  };

  test(`scores each of ${cases.length} pairs from its text as PyTorch does`, async () => {
    for (const one of cases) expectLogits(await session.score([await rowOf(one)]), [one]);
  });

  test('scores them in padded batches, in any order', async () => {
    const shuffled = [...cases].sort((a, b) => ((a.score * 1e4) % 1) - ((b.score * 1e4) % 1));
    for (const order of [cases, [...cases].reverse(), shuffled]) {
      for (const batch of casesPerCall(order, session.traits)) {
        const rows: Row[] = [];
        for (const one of batch) rows.push(await rowOf(one));
        const [first] = rows;
        const shared = session.traits.mixesQueries ? rows : rows.map((row) => ({ ...row, query: first?.query }));
        expectLogits(await session.score(shared), batch);
      }
    }
  });

  test('scores documents of one query in one call as one by one', async () => {
    const [first] = cases;
    if (first === undefined) throw new Error('no case');
    const prepared = (await rowOf(first)).query;
    const encoder = encoders.get(first.maxLength) as Encoder;
    const encoded = encodePairs(encoder, {
      query: first.query,
      documents: cases.slice(0, Math.min(cases.length, 12)).map(({ document }) => document),
      ...(first.instruction !== undefined && { instruction: first.instruction }),
    });
    if (!encoded.ok) throw new Error(encoded.failure.message);
    const rows = encoded.documents.map((document) => ({ query: prepared, document }));
    const alone: number[] = [];
    for (const row of rows) alone.push(...(await session.score([row])));
    const together: number[] = [];
    const size = Math.min(rows.length, session.traits.maxRows);
    for (let at = 0; at < rows.length; at += size) together.push(...(await session.score(rows.slice(at, at + size))));
    together.forEach((logit, index) => expect(Math.abs(logit - (alone[index] ?? NaN))).toBeLessThan(tolerance / 2));
  });
});

describe.each(bundles.filter(([, version]) => version !== 'fp16'))('%s, %s', (name, version) => {
  describeSessionContract(`onnxruntime, ${name} ${version}`, async () => {
    const bundle = await loadBundle(join(fixtureModels, name, version));
    return { session: await openSession(bundle, cpu), encoder: await openEncoder(bundle) };
  });
});
