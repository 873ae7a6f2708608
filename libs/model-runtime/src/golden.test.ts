import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import {
  encodePairs,
  type EncodedQuery,
  type Encoder,
  type LateInteractionManifest,
  type Session,
} from '@rerank-fleet/scoring';
import { loadBundle, openEncoder, openSession, readProcessor } from './index';

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
  session = await openSession(bundle, { provider: 'cpu', threads: 1, processor: await readProcessor() });
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

const qwen3Folder = join(__dirname, '../../../models/qwen3-reranker-0.6b');
const planetQuery = 'Which planet is known as the Red Planet?';

/** What sentence-transformers expects of the weights in float32, to 1e-4 (its tests of this model): yes minus no. */
const published: [document: string, logit: number][] = [
  ["Venus is often called Earth's twin because of its similar size and proximity.", -3.109298],
  ['Mars, known for its reddish appearance, is often referred to as the Red Planet.', 7.12039],
  ['Jupiter, the largest planet in our solar system, has a prominent red spot.', -0.378755],
  ['Saturn, famous for its rings, is sometimes mistaken for the Red Planet.', 3.541637],
];

/** Weights with fewer bits are only near the published scores. */
const tolerances: Record<string, number> = { float32: 1e-4, float16: 0.05 };
const quantizedTolerance = 1.5;

/** The newest version that was pulled; the weights are too large for the repository. */
function installedVersion(): string | undefined {
  try {
    return readdirSync(qwen3Folder).sort().at(-1);
  } catch {
    return undefined;
  }
}

const version = installedVersion();
if (version === undefined) console.info('the real Qwen3-Reranker-0.6B: skipped: weights absent');
const whenPresent = version === undefined ? test.skip : test;

whenPresent(
  'the real Qwen3-Reranker-0.6B scores as published (skipped: weights absent)',
  async () => {
    const bundle = await loadBundle(join(qwen3Folder, version ?? ''));
    const encoder = await openEncoder(bundle);
    const session = await openSession(bundle, { provider: 'cpu', threads: 2, processor: await readProcessor() });
    const encoded = encodePairs(encoder, { query: planetQuery, documents: published.map(([document]) => document) });
    if (!encoded.ok) throw new Error(encoded.failure.message);
    const prepared = await session.prepare(encoded.query);
    const logits: number[] = [];
    for (const document of encoded.documents) logits.push(...(await session.score([{ query: prepared, document }])));
    await session.close();
    const tolerance = tolerances[bundle.manifest.dtype] ?? quantizedTolerance;
    published.forEach(([, wanted], index) => {
      expect(Math.abs((logits[index] ?? NaN) - wanted)).toBeLessThan(tolerance);
    });
    const order = (values: readonly number[]) =>
      values.map((_, index) => index).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    expect(order(logits)).toEqual(order(published.map(([, logit]) => logit)));
  },
  300_000,
);
