import { model } from './catalogue-labels';
import type { MetricDefinition } from './definition';
import { goldenLanguages, probeOutcomes } from './labels';

const language = { values: goldenLanguages, meaning: 'language of the golden queries' };

/** What the quality probe exports. The gauges of a model appear with its first whole round. */
export const qualityProbeCatalogue = {
  ndcg: {
    name: 'reranker_quality_ndcg',
    type: 'gauge',
    help: 'Mean nDCG@10 of the golden queries in the last whole round, 0 to 1.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
    fromArticle: false,
  },
  mrr: {
    name: 'reranker_quality_mrr',
    type: 'gauge',
    help: 'Mean reciprocal rank of the first relevant document in the last whole round, 0 to 1.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
    fromArticle: false,
  },
  baselineNdcg: {
    name: 'reranker_quality_baseline_ndcg',
    type: 'gauge',
    help: 'The nDCG@10 that the model had when its baseline was stored.',
    unit: 'score',
    labels: { model, language },
    app: 'quality-probe',
    fromArticle: false,
  },
  drift: {
    name: 'reranker_quality_score_drift',
    type: 'gauge',
    help: 'Population stability index of the scores of the last whole round against the baseline: below 0.1 the same, above 0.25 another distribution.',
    unit: 'index',
    labels: { model, language },
    app: 'quality-probe',
    fromArticle: false,
  },
  queries: {
    name: 'reranker_quality_queries_total',
    type: 'counter',
    help: 'Golden queries sent, by what came back. answered: a whole ranking. failed: an error, or an answer that is no ranking.',
    unit: 'requests',
    labels: { model, outcome: { values: probeOutcomes, meaning: 'what came back' } },
    app: 'quality-probe',
    fromArticle: false,
  },
  lastRound: {
    name: 'reranker_quality_last_round_timestamp_seconds',
    type: 'gauge',
    help: 'When the last whole round ended, as Unix time: a probe that no longer gets through is told by its age.',
    unit: 'seconds',
    labels: { model },
    app: 'quality-probe',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
