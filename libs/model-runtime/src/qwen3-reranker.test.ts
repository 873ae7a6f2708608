import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodePairs } from '@rerank-fleet/scoring';
import { loadBundle, openEncoder, openSession } from './index';

const folder = join(__dirname, '../../../models/qwen3-reranker-0.6b');
const query = 'Which planet is known as the Red Planet?';

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
    return readdirSync(folder).sort().at(-1);
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
    const bundle = await loadBundle(join(folder, version ?? ''));
    const encoder = await openEncoder(bundle);
    const session = await openSession(bundle, { provider: 'cpu', threads: 2 });
    const encoded = encodePairs(encoder, { query, documents: published.map(([document]) => document) });
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
