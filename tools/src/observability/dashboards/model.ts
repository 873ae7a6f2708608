import { type DashboardFacts, type Section, choices, instanceChoice } from './dashboard';
import { badFrom, distribution, figure, goodBelow, badBelow, graph, heat, list, timeline } from './panels';
import {
  bucketsOfRange,
  bucketsOverTime,
  highestBy,
  mean,
  quantiles,
  rateBy,
  rateSum,
  selected,
  share,
} from './expressions';

const workers = instanceChoice('Worker', 'reranker_model_info{model=~"$model"}');

const of = `${selected.model},${selected.instance}`;
const scored = rateSum(`reranker_score_distribution_count{${of}}`);
const inference = 'reranker_inference_duration_seconds';

const scores: Section = {
  title: 'Scores',
  panels: [
    distribution(
      {
        title: 'Scores in the time range',
        description:
          'Scored documents by relevance score. Two peaks, near 0 and near 1, mean that the model separates relevant from irrelevant documents. One peak in the middle means that it does not.',
        width: 12,
        runbook: 'RerankerScoreDrift',
      },
      bucketsOfRange('reranker_score_distribution', of),
    ),
    heat(
      {
        title: 'Scores over time',
        description:
          'Scored documents by relevance score. A sudden shift at a release is caused by the model; a slow shift mostly by different traffic.',
        unit: 'none',
        width: 12,
        runbook: 'RerankerScoreDrift',
      },
      bucketsOverTime('reranker_score_distribution', of),
    ),
    graph(
      {
        title: 'Mean score',
        description:
          'Mean relevance score of all scored documents. Compare it with last week: a step with the same traffic is caused by the model.',
        unit: 'none',
        width: 6,
        max: 1,
        decimals: 2,
      },
      { expr: mean('reranker_score_distribution', of), legend: 'mean' },
    ),
    graph(
      {
        title: 'Share of high scores',
        description:
          'Share of the scored documents with a score of 0.8 or more. A drop points to the model, or to candidates that fit the queries less well.',
        unit: 'percentunit',
        width: 6,
        max: 1,
      },
      { expr: share(rateSum(`reranker_high_scores_total{${of}}`), scored), legend: '0.8 or more' },
    ),
    graph(
      {
        title: 'Truncated documents',
        description:
          'Share of the scored documents of which the model read only the beginning. If it is high, split documents before ranking or use a model with a longer input.',
        unit: 'percentunit',
        width: 6,
        max: 1,
        thresholds: badFrom(0.2),
      },
      { expr: share(rateSum(`reranker_truncated_documents_total{${of}}`), scored), legend: 'truncated' },
    ),
    graph(
      {
        title: 'Scores that are not numbers',
        description:
          'Documents for which the model returned NaN or an infinity; their requests got 500. If there is any, verify the bundle. The log of the worker names request and document.',
        unit: 'cps',
        width: 6,
        runbook: 'RerankerJobsFailed',
      },
      { expr: rateSum(`reranker_invalid_scores_total{${of}}`), legend: 'not a number' },
    ),
  ],
};

const runs: Section = {
  title: 'Model runs',
  panels: [
    heat(
      {
        title: 'Duration of model runs',
        description:
          'Model runs by duration. A band that rises while batches stay the same points to the machine or the model.',
        unit: 's',
        width: 12,
      },
      bucketsOverTime(inference, of),
    ),
    graph(
      {
        title: 'Quantiles of the duration',
        description:
          'Time within which 50 %, 95 % and 99 % of the model runs ended. A batch should take well under 2 s. Dots link to traces.',
        unit: 's',
        width: 12,
        thresholds: badFrom(2),
      },
      ...quantiles([0.5, 0.95, 0.99], inference, of),
    ),
    distribution(
      {
        title: 'Documents per run',
        description:
          'Model runs in the time range by number of rows. Many small runs under load mean that rows are not combined into batches.',
      },
      bucketsOfRange('reranker_batch_documents', of),
    ),
    distribution(
      {
        title: 'Tokens per run',
        description:
          'Model runs in the time range by number of tokens, padding included. Under load, most should be just below the token budget of the workers.',
      },
      bucketsOfRange('reranker_batch_tokens', of),
    ),
    distribution(
      {
        title: 'Padding per run',
        description: 'Model runs in the time range by share of padding. Bars on the right are wasted work.',
      },
      bucketsOfRange('reranker_batch_padding_ratio', of),
    ),
    graph(
      {
        title: 'Queries by what was kept of them',
        description:
          'Queries of jobs by what the worker had kept of their keys and values: all, the first tokens (template and instruction), or nothing. Many computed ones with a full cache: raise PREPARED_QUERIES_MIB. Empty for models without keys and values.',
        unit: 'si:queries/s',
        width: 12,
        stacked: true,
      },
      rateBy('lookup', `reranker_prepared_queries_total{${of}}`),
    ),
    graph(
      {
        title: 'Memory of kept queries',
        description: 'Memory of the keys and values that each worker has kept, up to PREPARED_QUERIES_MIB.',
        unit: 'bytes',
        width: 12,
      },
      { expr: `reranker_prepared_query_bytes{${of}}`, legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Tokens by kind',
        description:
          'Tokens per second that the model processed. A query counts once per job. Padding is cells that only filled up a row.',
        unit: 'si:tokens/s',
        width: 12,
        stacked: true,
      },
      rateBy('kind', `reranker_tokens_total{${of}}`),
    ),
    graph(
      {
        title: 'Tokenisation time per job',
        description:
          'Time within which 50 % and 95 % of the jobs were tokenised. It should be short compared with a model run. Dots link to traces.',
        unit: 's',
        width: 12,
      },
      ...quantiles([0.5, 0.95], 'reranker_tokenize_duration_seconds', of),
    ),
  ],
};

const golden = selected.model;

const quality: Section = {
  title: 'Quality by golden queries',
  panels: [
    graph(
      {
        title: 'nDCG@10 against the baseline',
        description:
          'Ranking quality on the golden queries; the stored baseline is dashed. More than 0.05 below it, check what changed: weights, template, tokenizer, runtime or machine.',
        unit: 'none',
        max: 1,
        decimals: 3,
        runbook: 'RerankerQualityFell',
      },
      highestBy('model, language', `reranker_quality_ndcg{${golden}}`),
      highestBy('model, language', `reranker_quality_baseline_ndcg{${golden}}`, 'baseline '),
    ),
    graph(
      {
        title: 'Mean reciprocal rank',
        description:
          'Mean of one divided by the rank of the first relevant document. It falls when the best document is no longer ranked first.',
        unit: 'none',
        max: 1,
        decimals: 3,
        runbook: 'RerankerQualityFell',
      },
      highestBy('model, language', `reranker_quality_mrr{${golden}}`),
    ),
    graph(
      {
        title: 'Drift of the scores (PSI)',
        description:
          'Difference between the scores of the golden queries and the baseline. Below 0.1 the distribution is the same. Above 0.25 it is different, and score thresholds no longer mean the same.',
        unit: 'none',
        decimals: 3,
        thresholds: goodBelow(0.1, 0.25),
        runbook: 'RerankerScoreDrift',
      },
      highestBy('model, language', `reranker_quality_score_drift{${golden}}`),
    ),
    graph(
      {
        title: 'Golden queries',
        description:
          'Golden queries per second by outcome. They are sent to the gateway like requests of users, so users may see the same failures.',
        unit: 'reqps',
        width: 12,
        stacked: true,
        runbook: 'RerankerProbeFailing',
      },
      rateBy('outcome', `reranker_quality_queries_total{${golden}}`),
    ),
    figure(
      {
        title: 'Age of the last round',
        description:
          'Time since the last complete round of golden queries. After an hour the ranking quality is unknown: check that the probe runs and that the fleet is not too full for its queries.',
        unit: 's',
        width: 12,
        thresholds: goodBelow(1800, 3600),
        noValue: 'no complete round yet',
        runbook: 'RerankerProbeStale',
      },
      {
        expr: `time() - max by (model) (reranker_quality_last_round_timestamp_seconds{${golden}})`,
        legend: '{{model}}',
      },
    ),
  ],
};

/** A long window, because judgements are rare and the mean of one or two is noise. */
const feedbackWindow = '1h';

const feedback: Section = {
  title: 'Quality by feedback',
  panels: [
    graph(
      {
        title: 'Online nDCG@10 and MRR',
        description:
          'Mean quality of the rankings that users judged in the last hour. Clicks favour the documents at the top, so compare weeks, not models.',
        unit: 'none',
        max: 1,
        decimals: 3,
      },
      { expr: mean('reranker_feedback_ndcg', selected.model, feedbackWindow), legend: 'nDCG@10' },
      { expr: mean('reranker_feedback_reciprocal_rank', selected.model, feedbackWindow), legend: 'MRR' },
    ),
    distribution(
      {
        title: 'nDCG@10 of the judged rankings',
        description:
          'Judged rankings in the time range by quality. A peak on the left means that one kind of query is ranked badly.',
      },
      bucketsOfRange('reranker_feedback_ndcg', selected.model),
    ),
    graph(
      {
        title: 'Judged rankings',
        description:
          'Judged rankings per second, by kind. With few judgements, the means on the left are not reliable.',
        unit: 'cps',
        stacked: true,
      },
      rateBy('kind', `reranker_feedback_total{${selected.model}}`),
    ),
  ],
};

const bundles: Section = {
  title: 'Models',
  height: 7,
  panels: [
    list(
      {
        title: 'Models by worker',
        description:
          'Model, revision, number format and execution provider of each worker. Two revisions of one model mean that a release is in progress or stuck.',
        unit: 'none',
        width: 12,
        hidden: ['__name__', 'job'],
        noValue: 'no worker',
      },
      `reranker_model_info{${of}}`,
    ),
    figure(
      {
        title: 'Load time',
        description:
          'Duration of the last load of the model, warm-up included. A new worker needs this time before it serves requests.',
        unit: 's',
        width: 6,
        thresholds: goodBelow(60, 300),
      },
      highestBy('model', `reranker_model_load_time_seconds{${of}}`),
    ),
    timeline(
      {
        title: 'Ready',
        description:
          'Whether a worker of the model was ready. While it is red or has a gap, requests for the model get 503.',
        unit: 'none',
        width: 6,
        thresholds: badBelow(1),
        texts: { 0: { text: 'not ready', color: 'red' }, 1: { text: 'ready', color: 'green' } },
        runbook: 'RerankerNoReadyWorker',
      },
      highestBy('model', `reranker_model_ready{${of}}`),
    ),
  ],
};

/** Scores, ranking quality and model runs. */
export const model: DashboardFacts = {
  uid: 'reranker-model',
  title: 'Reranker: model and quality',
  description: 'Does the model still rank well, what do its scores look like, and how does it run?',
  choices: [choices.model, workers],
  from: 'now-6h',
  sections: [scores, quality, feedback, runs, bundles],
};
