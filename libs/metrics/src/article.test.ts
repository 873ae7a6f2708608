import type { MetricDefinition } from './definition';
import { catalogue } from './catalogue';

/** The metrics of the article, as it lists them. */
const article: { name: string; type: MetricDefinition['type']; labels?: string[]; buckets?: number[] }[] = [
  { name: 'reranker_requests_total', type: 'counter', labels: ['method', 'endpoint'] },
  {
    name: 'reranker_request_duration_seconds',
    type: 'histogram',
    labels: ['method', 'endpoint'],
    buckets: [0.1, 0.5, 1, 2, 5, 10],
  },
  { name: 'reranker_inference_duration_seconds', type: 'histogram', buckets: [0.01, 0.05, 0.1, 0.5, 1, 2] },
  { name: 'reranker_batch_size', type: 'histogram', buckets: [1, 5, 10, 20, 50, 100] },
  { name: 'reranker_score_distribution', type: 'histogram', buckets: [0.1, 0.3, 0.5, 0.7, 0.9, 1.0] },
  { name: 'reranker_high_scores_total', type: 'counter' },
  { name: 'reranker_gpu_memory_usage_bytes', type: 'gauge' },
  { name: 'reranker_gpu_utilization_percent', type: 'gauge' },
  { name: 'reranker_errors_total', type: 'counter', labels: ['error_type'] },
  { name: 'reranker_model_load_time_seconds', type: 'gauge' },
  { name: 'reranker_query_type_total', type: 'counter', labels: ['query_type'] },
  { name: 'reranker_document_length_chars', type: 'histogram', buckets: [100, 500, 1000, 2000, 5000] },
  { name: 'reranker_user_sessions_total', type: 'counter' },
];

describe("the article's metrics", () => {
  test.each(article)('$name keeps its type, labels and bucket edges', ({ name, type, labels = [], buckets = [] }) => {
    const metric = catalogue.find((candidate) => candidate.name === name);
    expect(metric).toMatchObject({ type, fromArticle: true });
    expect(Object.keys(metric?.labels ?? {})).toEqual(expect.arrayContaining(labels));
    const edges = metric?.type === 'histogram' ? metric.buckets : [];
    expect(edges).toEqual(expect.arrayContaining(buckets));
  });

  test('no other metric claims to be one of them', () => {
    const claimed = catalogue.filter(({ fromArticle }) => fromArticle).map(({ name }) => name);
    expect(claimed.sort()).toEqual(article.map(({ name }) => name).sort());
  });
});
