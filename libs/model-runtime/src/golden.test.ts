import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import type { EncodedQuery, Encoder, LateInteractionManifest, Session } from '@rerank-fleet/scoring';
import { loadBundle, openEncoder, openSession } from './index';

interface GoldenCase {
  query: string;
  document: string;
  queryIds: number[];
  keptQueryTokens: number;
  documentIds: number[];
  raw: number;
  score: number;
}

const dir = join(__dirname, '../../../models/multilingual-e5-small/1');
const golden: { cases: GoldenCase[] } = JSON.parse(readFileSync(join(dir, 'golden.json'), 'utf8'));

let manifest: LateInteractionManifest;
let encoder: Encoder;
let session: Session;

beforeAll(async () => {
  const bundle = await loadBundle(dir);
  if (bundle.manifest.head !== 'late-interaction') throw new Error('not the default bundle');
  manifest = bundle.manifest;
  encoder = await openEncoder(bundle);
  session = await openSession(bundle, { provider: 'cpu', threads: 1 });
});

afterAll(() => session.close());

function encode(text: string): EncodedQuery {
  const encoded = encoder.encodeQuery({ query: text });
  if (!encoded.ok) throw new Error(encoded.failure.message);
  return encoded.query;
}

async function rowOf({ query, document }: { query: string; document: string }) {
  const encoded = encode(query);
  return { query: await session.prepare(encoded), document: encoder.encodeDocument(encoded, document, {}) };
}

const rawOf = (logit: number) => logit / manifest.calibration.slope + manifest.calibration.midpoint;

describe('the default bundle', () => {
  test('has 20 golden cases', () => expect(golden.cases).toHaveLength(20));

  test.each(golden.cases)('encodes "$query" and "$document" to the golden ids', ({ query, document, ...wanted }) => {
    const encoded = encode(query);
    expect([...encoded.ids]).toEqual(wanted.queryIds);
    expect([...encoder.encodeDocument(encoded, document, {}).ids]).toEqual(wanted.documentIds);
  });

  test('keeps as many query vectors as the golden cases', async () => {
    for (const { query, keptQueryTokens } of golden.cases) {
      expect(await session.prepare(encode(query))).toMatchObject({ count: keptQueryTokens });
    }
  });

  test('scores every golden pair within the tolerance of any processor', async () => {
    const { golden: tolerance } = manifest.tolerance;
    let rawDifference = 0;
    for (const pair of golden.cases) {
      const [logit = NaN] = await session.score([await rowOf(pair)]);
      expect(Math.abs(rawOf(logit) - pair.raw)).toBeLessThanOrEqual(tolerance.raw);
      expect(Math.abs(sigmoid(logit) - pair.score)).toBeLessThanOrEqual(tolerance.score);
      rawDifference += Math.abs(rawOf(logit) - pair.raw) / golden.cases.length;
    }
    expect(rawDifference).toBeLessThanOrEqual(tolerance.meanRaw);
  });

  test('gives a pair the same score alone, in a batch, in another order and again', async () => {
    const rows = await Promise.all(golden.cases.map(rowOf));
    const alone: number[] = [];
    for (const row of rows) alone.push(...(await session.score([row])));
    const batch = [...(await session.score(rows))];
    const again = [...(await session.score(rows))];
    const reversed = [...(await session.score([...rows].reverse()))].reverse();
    for (const logits of [batch, again, reversed]) {
      expect(logits).toHaveLength(alone.length);
      logits.forEach((logit, index) => {
        const single = alone[index] ?? NaN;
        expect(Math.abs(rawOf(logit) - rawOf(single))).toBeLessThanOrEqual(manifest.tolerance.sameMachine);
        expect(Math.abs(sigmoid(logit) - sigmoid(single))).toBeLessThanOrEqual(manifest.tolerance.sameMachine);
      });
    }
  });

  test('reads 512 tokens of a long document and scores them', async () => {
    const document = 'The worker restarts after a crash. '.repeat(200);
    const row = await rowOf({ query: 'How do I restart a crashed worker?', document });
    expect(row.document.ids).toHaveLength(512);
    expect(row.document.ids.at(-1)).toBe(2);
    expect((await session.score([row])).every(Number.isFinite)).toBe(true);
  });

  test('scores an empty query and an empty document', async () => {
    const row = await rowOf({ query: '', document: '' });
    expect([...row.document.ids]).toEqual([0, 46692, 12, 2]);
    expect(row.query).toMatchObject({ count: 1 });
    expect((await session.score([row])).every(Number.isFinite)).toBe(true);
  });
});
