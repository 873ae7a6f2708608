import { createQualityProbeMetrics } from './quality-probe-metrics';
import { parsePage } from './testing';

const model = 'e5';

test('a model has its query counters at 0 and no quality before its first whole round', async () => {
  const metrics = createQualityProbeMetrics();
  metrics.announceModel(model);
  const page = parsePage(await metrics.render());
  expect(page.value('reranker_quality_queries_total', { model, outcome: 'answered' })).toBe(0);
  expect(page.value('reranker_quality_queries_total', { model, outcome: 'failed' })).toBe(0);
  expect(page.samples.filter(({ name }) => name === 'reranker_quality_ndcg')).toEqual([]);
  expect(page.samples.filter(({ name }) => name.endsWith('_timestamp_seconds'))).toEqual([]);
});

test('a round sets the quality by language, its drift and when it ended', async () => {
  const metrics = createQualityProbeMetrics();
  metrics.queryDone(model, 'answered');
  metrics.baselineKnown({ model, language: 'zh', ndcg: 0.82 });
  metrics.roundDone({
    model,
    endedAtMs: 1_700_000_000_500,
    languages: [
      { language: 'en', ndcg: 0.9, mrr: 0.95, drift: 0.01 },
      { language: 'zh', ndcg: 0.8, mrr: 0.85, drift: 0.3 },
    ],
  });
  const page = parsePage(await metrics.render());
  expect(page.value('reranker_quality_ndcg', { model, language: 'en' })).toBe(0.9);
  expect(page.value('reranker_quality_mrr', { model, language: 'zh' })).toBe(0.85);
  expect(page.value('reranker_quality_score_drift', { model, language: 'zh' })).toBe(0.3);
  expect(page.value('reranker_quality_baseline_ndcg', { model, language: 'zh' })).toBe(0.82);
  expect(page.value('reranker_quality_last_round_timestamp_seconds', { model })).toBe(1_700_000_000.5);
  expect(page.value('reranker_quality_queries_total', { model, outcome: 'answered' })).toBe(1);
});

test('a model that is served no more leaves no figure that grows old', async () => {
  const metrics = createQualityProbeMetrics();
  const languages = [{ language: 'en' as const, ndcg: 0.9, mrr: 0.95, drift: 0 }];
  for (const each of [model, 'other']) {
    metrics.baselineKnown({ model: each, language: 'en', ndcg: 0.9 });
    metrics.roundDone({ model: each, endedAtMs: 1_000, languages });
    metrics.queryDone(each, 'answered');
  }
  metrics.modelGone(model);
  const { samples } = parsePage(await metrics.render());
  const left = samples.filter(({ labels }) => labels['model'] === model).map(({ name }) => name);
  expect(left).toEqual(['reranker_quality_queries_total']);
  expect(samples.filter(({ labels }) => labels['model'] === 'other')).toHaveLength(6);
});
