import type { RuleGroup } from './rule';

/** How good the rankings are, by golden queries. */
export const qualityGroup: RuleGroup = {
  name: 'reranker-quality',
  rules: [
    {
      alert: 'RerankerQualityFell',
      when: [{ value: 'reranker_quality_ndcg', operator: '<', limit: 'reranker_quality_baseline_ndcg - 0.05' }],
      for: '1m',
      severity: 'page',
      summary:
        '{{ $labels.model }} ranks its {{ $labels.language }} golden queries at nDCG {{ $value | printf "%.2f" }}, well below its baseline.',
      description:
        'Answers are fast and wrong. What changed: weights, template, tokenizer, runtime, or the kind of machine?',
    },
    {
      alert: 'RerankerScoreDrift',
      when: [{ value: 'reranker_quality_score_drift', operator: '>', limit: 0.25 }],
      for: '1m',
      severity: 'ticket',
      summary:
        'The scores of {{ $labels.model }} on its {{ $labels.language }} golden queries moved (PSI {{ $value | printf "%.2f" }}).',
      description: 'The order may still be right, but a threshold on scores that a user set no longer means the same.',
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
            'sum by (model) (increase(reranker_quality_queries_total{outcome="failed"}[15m]))' +
            ' / (sum by (model) (increase(reranker_quality_queries_total[15m])) > 0)',
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
