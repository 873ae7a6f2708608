import type { RuleGroup } from './rule';

/** Where a share of the scores of a quarter of an hour lies below. */
function scoreQuantile(share: number): string {
  return `histogram_quantile(${share}, sum by (model, le) (rate(reranker_score_distribution_bucket[15m])))`;
}

/** How good the rankings are, by golden queries. */
export const qualityGroup: RuleGroup = {
  name: 'reranker-quality',
  rules: [
    {
      alert: 'RerankerQualityFell',
      when: [
        {
          value: 'max by (model, language) (reranker_quality_ndcg)',
          operator: '<',
          limit: 'max by (model, language) (reranker_quality_baseline_ndcg) - 0.05',
        },
      ],
      for: '1m',
      severity: 'page',
      summary:
        '{{ $labels.model }} ranks its {{ $labels.language }} golden queries at nDCG {{ $value | printf "%.2f" }}, well below its baseline.',
      description:
        'Answers are fast and wrong. What changed: weights, template, tokenizer, runtime, or the kind of machine?',
    },
    {
      alert: 'RerankerScoreDrift',
      when: [{ value: 'max by (model, language) (reranker_quality_score_drift)', operator: '>', limit: 0.25 }],
      for: '1m',
      severity: 'ticket',
      summary:
        'The scores of {{ $labels.model }} on its {{ $labels.language }} golden queries moved (PSI {{ $value | printf "%.2f" }}).',
      description: 'The order may still be right, but a threshold on scores that a user set no longer means the same.',
    },
    {
      alert: 'RerankerScoresCollapsed',
      when: [
        {
          value: `${scoreQuantile(0.999)} - ${scoreQuantile(0.001)}`,
          operator: '<',
          limit: 0.05,
        },
        { value: 'sum by (model) (increase(reranker_score_distribution_count[15m]))', operator: '>', limit: 500 },
      ],
      for: '5m',
      severity: 'ticket',
      summary: 'Nearly all scores of {{ $labels.model }} lie within {{ $value | printf "%.2f" }} of each other.',
      description:
        'Good and bad documents score alike, which no real traffic does: the model, its calibration or its input is broken.',
    },
    {
      alert: 'RerankerProbeStale',
      when: [
        {
          value: 'time() - max by (model) (reranker_quality_last_round_timestamp_seconds)',
          operator: '>',
          limit: 3600,
        },
      ],
      for: '5m',
      severity: 'ticket',
      summary:
        'The last whole round of golden queries for {{ $labels.model }} ended {{ $value | humanizeDuration }} ago.',
      description: 'Nobody knows how good the rankings are. Is the probe alive, and is the fleet too full for it?',
    },
    {
      alert: 'RerankerProbeFailing',
      when: [
        {
          value:
            'sum by (model) (increase(reranker_quality_queries_total{outcome="failed"}[30m]))' +
            ' / (sum by (model) (increase(reranker_quality_queries_total[30m])) > 0)',
          operator: '>',
          limit: 0.1,
        },
      ],
      for: '5m',
      severity: 'ticket',
      summary: '{{ $value | humanizePercentage }} of the golden queries to {{ $labels.model }} get no ranking.',
      description: 'The probe comes in by the front door, so users may see the same. Its log names the status.',
    },
  ],
};
