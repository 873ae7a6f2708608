import { model } from './catalogue-labels';
import type { MetricDefinition } from './definition';
import { goldenLanguages, probeOutcomes } from './labels';

const language = { values: goldenLanguages, meaning: 'language of the golden queries' };

/** The metrics of the quality probe. The gauges of a model exist after its first complete round. */
export const qualityProbeCatalogue = {
  ndcg: {
    name: 'reranker_quality_ndcg',
    type: 'gauge',
    help: 'Mean nDCG@10 of the golden queries in the last complete round, 0 to 1.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
  },
  mrr: {
    name: 'reranker_quality_mrr',
    type: 'gauge',
    help: 'Mean reciprocal rank of the first relevant document in the last complete round, 0 to 1.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
  },
  baselineNdcg: {
    name: 'reranker_quality_baseline_ndcg',
    type: 'gauge',
    help: 'The nDCG@10 of the model in the stored baseline.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
  },
  drift: {
    name: 'reranker_quality_score_drift',
    type: 'gauge',
    help: 'Population stability index of the scores of the last complete round against the baseline. Below 0.1: the same distribution; above 0.25: a different one.',
    unit: 'index',
    labels: { model, language },
    app: 'quality-probe',
  },
  queries: {
    name: 'reranker_quality_queries_total',
    type: 'counter',
    help: 'Sent golden queries, by result. answered: a complete ranking. failed: an error, or an answer that is not a ranking.',
    unit: 'requests',
    labels: { model, outcome: { values: probeOutcomes, meaning: 'result of the query' } },
    app: 'quality-probe',
  },
  lastRound: {
    name: 'reranker_quality_last_round_timestamp_seconds',
    type: 'gauge',
    help: 'End of the last complete round, as Unix time. Its age shows whether the probe still works.',
    unit: 'seconds',
    labels: { model },
    app: 'quality-probe',
  },
} as const satisfies Record<string, MetricDefinition>;
