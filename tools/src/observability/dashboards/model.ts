import { type Choice, type DashboardFacts, type Section, choices, englishWords } from './dashboard';
import { badFrom, distribution, figure, goodBelow, badBelow, graph, heat, list, timeline } from './panels';
import { bucketsOfRange, bucketsOverTime, mean, quantile, rateSum, selected, share } from './expressions';

const workers: Choice = {
  name: 'instance',
  label: 'Worker',
  query: 'label_values(reranker_model_info{model=~"$model"}, instance)',
};

const of = `${selected.model},${selected.instance}`;
const scored = rateSum(`reranker_score_distribution_count{${of}}`);
const inference = 'reranker_inference_duration_seconds';

const scores: Section = {
  title: 'Scores',
  height: 8,
  panels: [
    distribution(
      {
        title: 'Scores in the time range',
        description:
          'Scored documents by relevance score. Two humps, near 0 and near 1, are a model that can tell; one hump in the middle is one that cannot.',
        unit: 'short',
        width: 12,
        runbook: 'RerankerScoreDrift',
      },
      bucketsOfRange('reranker_score_distribution', of),
    ),
    heat(
      {
        title: 'Scores over time',
        description:
          'How many documents got which score. A sudden shift at a release is the model; a slow one is mostly other traffic.',
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
          'Mean relevance score of all scored documents. Compare with last week: a step without other traffic is the model.',
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
          'Share of the scored documents with 0.8 or more. A fall: the model, or candidates that fit the queries less.',
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
          'Share of the scored documents of which the model read only the beginning. Much of it: split documents before ranking, or use a model with a longer input.',
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
          'Documents for which the model gave NaN or an infinity; their requests got 500. Any at all: verify the bundle; the log of the worker names request and document.',
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
  height: 8,
  panels: [
    heat(
      {
        title: 'Time of a run',
        description:
          'How many model runs took how long. A band that moves up with equal batches is the machine or the model.',
        unit: 's',
        width: 12,
      },
      bucketsOverTime(inference, of),
    ),
    graph(
      {
        title: 'Quantiles of a run',
        description:
          'Time within which half, 95 % and 99 % of the model runs ended. A batch is planned for well under 2 s. Dots lead to traces.',
        unit: 's',
        width: 12,
        thresholds: badFrom(2),
      },
      ...[0.5, 0.95, 0.99].map((rank) => ({
        expr: quantile(rank, inference, of),
        legend: `p${rank * 100}`,
        exemplars: true,
      })),
    ),
    distribution(
      {
        title: 'Documents of a run',
        description:
          'Model runs in the time range by their rows. Many small ones under load: rows do not meet in batches.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_batch_documents', of),
    ),
    distribution(
      {
        title: 'Tokens of a run',
        description:
          'Model runs in the time range by their tokens with padding. Most should lie just below the token budget of the bundle.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_batch_tokens', of),
    ),
    distribution(
      {
        title: 'Padding of a run',
        description: 'Model runs in the time range by the share that was padding. Weight on the right is wasted work.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_batch_padding_ratio', of),
    ),
    graph(
      {
        title: 'Tokens by kind',
        description:
          'Tokens a second that the model read. Queries count once a job; padding is cells that only filled a row.',
        unit: 'si:tokens/s',
        width: 12,
        stacked: true,
      },
      { expr: rateSum(`reranker_tokens_total{${of}}`, 'kind'), legend: '{{kind}}' },
    ),
    graph(
      {
        title: 'Time to tokenise a job',
        description:
          'Time within which half and 95 % of the jobs were turned into token ids. It should be small beside a model run. Dots lead to traces.',
        unit: 's',
        width: 12,
      },
      ...[0.5, 0.95].map((rank) => ({
        expr: quantile(rank, 'reranker_tokenize_duration_seconds', of),
        legend: `p${rank * 100}`,
        exemplars: true,
      })),
    ),
  ],
};

const golden = selected.model;

const quality: Section = {
  title: 'Quality by golden queries',
  height: 8,
  panels: [
    graph(
      {
        title: 'nDCG@10 against the baseline',
        description:
          'How well the golden queries are ranked, with the stored baseline dashed. More than 0.05 below it: what changed, weights, template, tokenizer, runtime or machine?',
        unit: 'none',
        width: 8,
        max: 1,
        decimals: 3,
        runbook: 'RerankerQualityFell',
      },
      { expr: `max by (model, language) (reranker_quality_ndcg{${golden}})`, legend: '{{model}} {{language}}' },
      {
        expr: `max by (model, language) (reranker_quality_baseline_ndcg{${golden}})`,
        legend: 'baseline {{model}} {{language}}',
      },
    ),
    graph(
      {
        title: 'Mean reciprocal rank',
        description:
          'One over the rank of the first relevant document, on average. It falls when the best hit is no longer on top.',
        unit: 'none',
        width: 8,
        max: 1,
        decimals: 3,
        runbook: 'RerankerQualityFell',
      },
      { expr: `max by (model, language) (reranker_quality_mrr{${golden}})`, legend: '{{model}} {{language}}' },
    ),
    graph(
      {
        title: 'Drift of the scores (PSI)',
        description:
          'How far the scores of the golden queries are from the baseline: below 0.1 the same, above 0.25 another distribution, so that a threshold on scores no longer means the same.',
        unit: 'none',
        width: 8,
        decimals: 3,
        thresholds: goodBelow(0.1, 0.25),
        runbook: 'RerankerScoreDrift',
      },
      { expr: `max by (model, language) (reranker_quality_score_drift{${golden}})`, legend: '{{model}} {{language}}' },
    ),
    graph(
      {
        title: 'Golden queries',
        description:
          'Golden queries a second by what came back. failed ones come in by the front door like those of users, so users may see the same.',
        unit: 'reqps',
        width: 12,
        stacked: true,
        runbook: 'RerankerProbeFailing',
      },
      { expr: rateSum(`reranker_quality_queries_total{${golden}}`, 'outcome'), legend: '{{outcome}}' },
    ),
    figure(
      {
        title: 'Age of the last round',
        description:
          'Time since the last whole round of golden queries. After an hour it is unknown how good the rankings are: is the probe alive, is the fleet too full for it?',
        unit: 's',
        width: 12,
        thresholds: goodBelow(1800, 3600),
        noValue: 'no whole round yet',
        runbook: 'RerankerProbeStale',
      },
      {
        expr: `time() - max by (model) (reranker_quality_last_round_timestamp_seconds{${golden}})`,
        legend: '{{model}}',
      },
    ),
  ],
};

/** Judgements are rare: a mean of one or two of them is noise. */
const feedbackWindow = '1h';

const feedback: Section = {
  title: 'Quality by feedback',
  height: 8,
  panels: [
    graph(
      {
        title: 'Online nDCG@10 and MRR',
        description:
          'Mean quality of the rankings that users judged in the hour before. Clicks favour what stands on top, so compare weeks, not models.',
        unit: 'none',
        width: 8,
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
          'Judged rankings in the time range by their quality. A hump on the left is a kind of query that goes wrong.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_feedback_ndcg', selected.model),
    ),
    graph(
      {
        title: 'Judged rankings',
        description: 'Rankings that were judged, by kind. With few of them the means beside say little.',
        unit: 'cps',
        width: 8,
        stacked: true,
      },
      { expr: rateSum(`reranker_feedback_total{${selected.model}}`, 'kind'), legend: '{{kind}}' },
    ),
  ],
};

const bundles: Section = {
  title: 'Models',
  height: 7,
  panels: [
    list(
      {
        title: 'What runs where',
        description:
          'Model, revision, number format and execution provider of each worker. Two revisions of one model side by side: a release is under way, or stuck.',
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
          'Time that the last load of the model took, with its warm-up: how long a new worker needs before it helps.',
        unit: 's',
        width: 6,
        thresholds: goodBelow(60, 300),
      },
      { expr: `max by (model) (reranker_model_load_time_seconds{${of}})`, legend: '{{model}}' },
    ),
    timeline(
      {
        title: 'Ready',
        description: 'Whether a worker of the model was ready. Red or a gap: its requests get 503.',
        unit: 'none',
        width: 6,
        thresholds: badBelow(1),
        texts: { 0: { text: 'not ready', color: 'red' }, 1: { text: 'ready', color: 'green' } },
        runbook: 'RerankerNoReadyWorker',
      },
      { expr: `max by (model) (reranker_model_ready{${of}})`, legend: '{{model}}' },
    ),
  ],
};

/** Does the model still rank well, and how does it run? */
export const model: DashboardFacts = {
  uid: 'reranker-model',
  title: 'Reranker: model and quality',
  description: 'Does the model still rank well, what do its scores look like, and how does it run?',
  choices: [choices.model, workers],
  from: 'now-6h',
  sections: [scores, quality, feedback, runs, bundles],
  words: englishWords,
};
