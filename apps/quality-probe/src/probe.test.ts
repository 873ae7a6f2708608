import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQualityProbeMetrics } from '@rerank-fleet/metrics';
import { parsePage } from '@rerank-fleet/metrics/testing';
import { writeBaseline } from './baseline';
import type { Answer, GatewayClient, LiveModel } from './gateway-client';
import type { GoldenSet } from './golden-set';
import { startProbe } from './probe';
import { fakeClock } from './testing';

const documents = [
  { text: 'wrong', grade: 0 },
  { text: 'right', grade: 3 },
];
const golden: GoldenSet = {
  sha256: 'edition-1',
  languages: [
    { language: 'en', queries: [{ id: 'en-1', query: 'q', documents }] },
    {
      language: 'zh',
      queries: [
        { id: 'zh-1', query: 'q', documents },
        { id: 'zh-2', query: 'q', documents },
      ],
    },
  ],
};
const tiny: LiveModel = { model: 'tiny', version: '1', revision: 'r' };
const good: Answer = {
  kind: 'ranked',
  ranking: [
    { index: 1, score: 0.95 },
    { index: 0, score: 0.05 },
  ],
};
const bad: Answer = {
  kind: 'ranked',
  ranking: [
    { index: 0, score: 0.95 },
    { index: 1, score: 0.05 },
  ],
};
const refused: Answer = { kind: 'refused', status: 429, retryAfterMs: 3_000 };
const failed: Answer = { kind: 'failed', status: 500 };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rerank-probe-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Scene {
  /** Answers of the gateway, in order; then always `good`. */
  answers?: Answer[];
  /** Live models per listing; an error stands for an unreachable gateway. The last listing ends the probe. */
  listings: (LiveModel[] | Error)[];
  keepBaselinesIn?: string;
  intervalMs?: number;
}

/** Runs a probe until its listings are used up. */
async function play({ answers = [], listings, keepBaselinesIn, intervalMs = 9_000 }: Scene) {
  const clock = fakeClock();
  const metrics = createQualityProbeMetrics();
  const ending = new AbortController();
  const asked: string[] = [];
  const warnings: string[] = [];
  const client: GatewayClient = {
    async models() {
      const next = listings.shift();
      if (next === undefined) {
        ending.abort();
        throw new Error('the listings are used up');
      }
      if (next instanceof Error) throw next;
      return next;
    },
    async rank({ query, model }) {
      asked.push(`${model} ${query.id}`);
      return answers.shift() ?? good;
    },
  };
  const probe = startProbe({
    client,
    golden,
    metrics,
    logger: { info: () => undefined, warn: (event) => void warnings.push(event) },
    clock,
    baselineFolders: [folder],
    keepBaselinesIn,
    intervalMs,
    firstDelayMs: 500,
    signal: ending.signal,
  });
  await probe.ended;
  return { page: parsePage(await metrics.render()), asked, slept: clock.slept, warnings, probe };
}

test('a round sends every query to every live model, and exports the figures per language', async () => {
  const { page, asked } = await play({ listings: [[tiny, { ...tiny, model: 'other' }]] });
  expect(asked).toEqual(['tiny en-1', 'tiny zh-1', 'tiny zh-2', 'other en-1', 'other zh-1', 'other zh-2']);
  for (const language of ['en', 'zh']) {
    expect(page.value('reranker_quality_ndcg', { model: 'tiny', language })).toBe(1);
    expect(page.value('reranker_quality_mrr', { model: 'tiny', language })).toBe(1);
  }
  expect(page.value('reranker_quality_queries_total', { model: 'tiny', outcome: 'answered' })).toBe(3);
  expect(page.value('reranker_quality_last_round_timestamp_seconds', { model: 'tiny' })).toBeGreaterThan(1.7e9);
});

test('the first round runs at once, later ones are spread over the interval', async () => {
  const { slept } = await play({ listings: [[tiny], [tiny]] });
  // the delay, no pauses, the rest of the interval; then three queries, three seconds apart, without a rest
  expect(slept).toEqual([500, 0, 0, 0, 9_000, 3_000, 3_000, 3_000, 0]);
});

test('a refused query waits for Retry-After, and counts once', async () => {
  const { page, slept, asked } = await play({ answers: [refused, refused], listings: [[tiny]] });
  expect(slept.slice(1, 3)).toEqual([3_000, 3_000]);
  expect(asked.slice(0, 3)).toEqual(['tiny en-1', 'tiny en-1', 'tiny en-1']);
  expect(page.value('reranker_quality_queries_total', { model: 'tiny', outcome: 'answered' })).toBe(3);
  expect(page.value('reranker_quality_queries_total', { model: 'tiny', outcome: 'failed' })).toBe(0);
});

test('a query that is refused five times counts as failed', async () => {
  const { page, asked } = await play({ answers: new Array<Answer>(5).fill(refused), listings: [[tiny]] });
  expect(asked.filter((each) => each === 'tiny en-1')).toHaveLength(5);
  expect(page.value('reranker_quality_queries_total', { model: 'tiny', outcome: 'failed' })).toBe(1);
});

test('a round with a failed query exports no quality, and logs a warning', async () => {
  const { page, warnings } = await play({ answers: [good, failed], listings: [[tiny]] });
  expect(page.value('reranker_quality_ndcg', { model: 'tiny', language: 'en' })).toBeUndefined();
  expect(page.value('reranker_quality_queries_total', { model: 'tiny', outcome: 'failed' })).toBe(1);
  expect(warnings).toEqual(['a round was incomplete']);
});

test('an incomplete round is repeated sooner and without spreading', async () => {
  const { slept } = await play({ answers: [failed], listings: [[tiny], [tiny]], intervalMs: 900_000 });
  expect(slept).toEqual([500, 0, 0, 0, 60_000, 0, 0, 0, 900_000]);
});

test('a later incomplete round keeps the figures of the last complete one', async () => {
  const { page } = await play({ answers: [good, good, good, failed, bad, bad], listings: [[tiny], [tiny]] });
  expect(page.value('reranker_quality_ndcg', { model: 'tiny', language: 'zh' })).toBe(1);
});

test('without a stored baseline, the first complete round becomes the baseline and is stored if there is a folder', async () => {
  const { page } = await play({
    answers: [good, good, good, bad, bad, bad],
    listings: [[tiny], [tiny]],
    keepBaselinesIn: folder,
  });
  expect(page.value('reranker_quality_baseline_ndcg', { model: 'tiny', language: 'en' })).toBe(1);
  expect(page.value('reranker_quality_ndcg', { model: 'tiny', language: 'en' })).toBeLessThan(0.7);
  expect(readdirSync(folder)).toEqual(['tiny@1.json']);
});

const quality = { ndcg: 0.8, mrr: 0.9, scoreCounts: [0, 0, 0, 0, 8, 8, 0, 0, 0, 0] };
const stored = (goldenSha256: string) => ({
  ...tiny,
  measuredAt: '2026-01-01T00:00:00Z',
  goldenSha256,
  languages: { en: quality, zh: quality },
});

test('the model is compared with its stored baseline, including its scores', async () => {
  writeBaseline(folder, stored(golden.sha256));
  const { page } = await play({ listings: [[tiny]] });
  expect(page.value('reranker_quality_baseline_ndcg', { model: 'tiny', language: 'zh' })).toBe(0.8);
  expect(page.value('reranker_quality_score_drift', { model: 'tiny', language: 'zh' })).toBeGreaterThan(0.25);
});

test('a baseline of different golden queries is not used', async () => {
  writeBaseline(folder, stored('edition-0'));
  const { page, warnings } = await play({ listings: [[tiny]] });
  expect(page.value('reranker_quality_baseline_ndcg', { model: 'tiny', language: 'zh' })).toBe(1);
  expect(warnings).toEqual(['the stored baseline has different golden queries and is not used']);
});

test('a damaged baseline is logged and not used, and does not end the probe', async () => {
  writeFileSync(join(folder, 'tiny@1.json'), '{');
  const { page, warnings } = await play({ listings: [[tiny], [tiny]] });
  expect(page.value('reranker_quality_baseline_ndcg', { model: 'tiny', language: 'en' })).toBe(1);
  expect(warnings).toEqual(['the stored baseline cannot be read and is not used']);
});

test('a baseline that cannot be written is logged and kept in memory', async () => {
  writeFileSync(join(folder, 'no-folder'), '');
  const { page, warnings } = await play({ listings: [[tiny], [tiny]], keepBaselinesIn: join(folder, 'no-folder') });
  expect(page.value('reranker_quality_baseline_ndcg', { model: 'tiny', language: 'en' })).toBe(1);
  expect(warnings).toEqual(['the baseline cannot be written and is kept in memory']);
});

test('a model that is no longer alive loses its figures', async () => {
  const { page } = await play({ listings: [[tiny], []] });
  expect(page.value('reranker_quality_ndcg', { model: 'tiny', language: 'en' })).toBeUndefined();
});

test('a gateway that is unreachable or has no model is tried again soon', async () => {
  const { slept, page, warnings } = await play({ listings: [new Error('away'), [], [tiny]] });
  expect(slept.slice(0, 3)).toEqual([500, 5_000, 5_000]);
  expect(warnings).toEqual(['the models of the gateway cannot be listed']);
  expect(page.value('reranker_quality_ndcg', { model: 'tiny', language: 'en' })).toBe(1);
});
