import { jobOutcomeLabels } from '@rerank-fleet/contract';
import type { ExpositionFormat } from './exposition';
import { workerCatalogue } from './worker-catalogue';
import { dropReasons, tokenKinds } from './labels';
import { parsePage } from './testing';
import type { WorkerMetrics } from './worker-metrics';
import { createWorkerMetrics } from './worker-metrics';

const model = 'e5';
const queue = 'e5@1';
const options = { model, queue, provider: 'cpu', revision: 'abc', dtype: 'int8', sessions: 2 };
const after = async (record: (metrics: WorkerMetrics) => void, format?: ExpositionFormat) => {
  const metrics = createWorkerMetrics(options);
  record(metrics);
  return parsePage(await metrics.render(format));
};

describe('worker metrics before the first job', () => {
  test('have every counter and histogram of the catalogue at 0', async () => {
    const page = await after(() => undefined);
    for (const { name, type } of Object.values(workerCatalogue)) {
      if (type === 'gauge') continue;
      const values = page.samples.filter((sample) => sample.name.startsWith(name)).map(({ value }) => value);
      expect({ name, values: [...new Set(values)] }).toEqual({ name, values: [0] });
    }
  });

  test('have every value of a closed label', async () => {
    const page = await after(() => undefined);
    for (const outcome of jobOutcomeLabels) expect(page.value('reranker_jobs_total', { queue, outcome })).toBe(0);
    for (const kind of tokenKinds) expect(page.value('reranker_tokens_total', { model, kind })).toBe(0);
    for (const reason of dropReasons) {
      expect(page.value('reranker_dropped_documents_total', { model, reason })).toBe(0);
    }
  });

  test('say which model runs, that it is not ready, and no load time that was not measured', async () => {
    const page = await after(() => undefined);
    expect(page.value('reranker_model_info', { model, revision: 'abc', dtype: 'int8', provider: 'cpu' })).toBe(1);
    expect(page.value('reranker_model_ready', { model })).toBe(0);
    expect(page.value('reranker_model_load_time_seconds', { model })).toBeUndefined();
  });
});

describe('worker metrics', () => {
  test.each(jobOutcomeLabels)('count a job that ended %s', async (outcome) => {
    const page = await after((metrics) => metrics.jobSettled(outcome));
    expect(page.value('reranker_jobs_total', { queue, outcome })).toBe(1);
  });

  test.each(dropReasons)('count documents that were %s', async (reason) => {
    const page = await after((metrics) => metrics.dropped(reason, 7));
    expect(page.value('reranker_dropped_documents_total', { model, reason })).toBe(7);
  });

  test('count an inference once a batch, with its rows, tokens and padding', async () => {
    const batch = { durationMs: 120, documents: 4, tokens: 300, paddedTokens: 400 };
    const page = await after((metrics) => metrics.batchRun(batch));
    const inference = 'reranker_inference_duration_seconds';
    expect(page.value(`${inference}_count`, { model, provider: 'cpu' })).toBe(1);
    expect(page.value(`${inference}_sum`, { model, provider: 'cpu' })).toBeCloseTo(0.12);
    expect(page.value('reranker_batch_documents_sum', { model })).toBe(4);
    expect(page.value('reranker_batch_tokens_sum', { model })).toBe(400);
    expect(page.value('reranker_batch_padding_ratio_sum', { model })).toBe(0.25);
    expect(page.value('reranker_tokens_total', { model, kind: 'padding' })).toBe(100);
  });

  test('take an empty batch and one without padding', async () => {
    const page = await after((metrics) => {
      metrics.batchRun({ durationMs: 1, documents: 0, tokens: 0, paddedTokens: 0 });
      metrics.batchRun({ durationMs: 1, documents: 1, tokens: 9, paddedTokens: 9 });
    });
    expect(page.value('reranker_batch_padding_ratio_sum', { model })).toBe(0);
    expect(page.value('reranker_batch_padding_ratio_count', { model })).toBe(2);
  });

  test('count the tokens of queries and documents apart', async () => {
    const page = await after((metrics) => metrics.tokensRead({ query: 5, documents: 60 }));
    expect(page.value('reranker_tokens_total', { model, kind: 'query' })).toBe(5);
    expect(page.value('reranker_tokens_total', { model, kind: 'document' })).toBe(60);
  });

  test('count scores from 0.8 as high, the edge included', async () => {
    const page = await after((metrics) => metrics.scored([0, 0.79, 0.8, 1]));
    expect(page.value('reranker_high_scores_total', { model })).toBe(2);
    expect(page.value('reranker_score_distribution_count', { model })).toBe(4);
    expect(page.value('reranker_score_distribution_bucket', { model, le: '0.75' })).toBe(1);
    expect(page.value('reranker_score_distribution_bucket', { model, le: '1' })).toBe(4);
  });

  test('count what happened to jobs, batches and documents', async () => {
    const page = await after((metrics) => {
      metrics.stalled();
      metrics.retried();
      metrics.batchSplit();
      metrics.truncated(3);
      metrics.invalidScores(2);
    });
    expect(page.value('reranker_jobs_stalled_total', { queue })).toBe(1);
    expect(page.value('reranker_job_retries_total', { queue })).toBe(1);
    expect(page.value('reranker_batch_splits_total', { model })).toBe(1);
    expect(page.value('reranker_truncated_documents_total', { model })).toBe(3);
    expect(page.value('reranker_invalid_scores_total', { model })).toBe(2);
  });

  test('hold times in seconds, and read a wait between two disagreeing clocks as 0', async () => {
    const page = await after((metrics) => {
      metrics.queueWaited(-20);
      metrics.queueWaited(1500);
      metrics.tokenized(2);
      metrics.modelLoaded(2500);
    });
    expect(page.value('reranker_queue_wait_seconds_sum', { queue })).toBe(1.5);
    expect(page.value('reranker_queue_wait_seconds_count', { queue })).toBe(2);
    expect(page.value('reranker_tokenize_duration_seconds_sum', { model })).toBe(0.002);
    expect(page.value('reranker_model_load_time_seconds', { model })).toBe(2.5);
  });

  test('carry the trace of a wait, an encoding and a batch as exemplars', async () => {
    const traceId = 'b'.repeat(32);
    const page = await after((metrics) => {
      metrics.queueWaited(3, traceId);
      metrics.tokenized(3, traceId);
      metrics.batchRun({ durationMs: 3, documents: 1, tokens: 4, paddedTokens: 4, traceId });
    }, 'openMetrics');
    const marked = page.samples.filter(({ exemplar }) => exemplar?.['trace_id'] === traceId);
    expect(marked.map(({ name }) => name).sort()).toEqual([
      'reranker_inference_duration_seconds_bucket',
      'reranker_queue_wait_seconds_bucket',
      'reranker_tokenize_duration_seconds_bucket',
    ]);
  });

  test('report the number of sessions', async () => {
    expect((await after(() => undefined)).value('reranker_model_sessions', { model })).toBe(2);
  });

  test('count the queries of jobs by what was found of them, and give the memory of those that are kept', async () => {
    const page = await after((metrics) => {
      metrics.queryLookup('computed', 1_000);
      metrics.queryLookup('continued', 3_000);
      for (let part = 0; part < 3; part++) metrics.queryLookup('kept', 3_000);
    });
    const found = ['kept', 'continued', 'computed'].map((lookup) =>
      page.value('reranker_prepared_queries_total', { model, lookup }),
    );
    expect(found).toEqual([3, 1, 1]);
    expect(page.value('reranker_prepared_query_bytes', { model })).toBe(3_000);
  });

  test('give the present token budget, and none before there is one', async () => {
    expect((await after(() => undefined)).value('reranker_batch_budget_tokens', { model })).toBeUndefined();
    const changed = await after((metrics) => [512, 256].forEach((tokens) => metrics.batchBudget(tokens)));
    expect(changed.value('reranker_batch_budget_tokens', { model })).toBe(256);
  });

  test('follow readiness both ways', async () => {
    expect((await after((metrics) => metrics.ready(true))).value('reranker_model_ready', { model })).toBe(1);
    const lost = await after((metrics) => [true, false].forEach((isReady) => metrics.ready(isReady)));
    expect(lost.value('reranker_model_ready', { model })).toBe(0);
  });
});
