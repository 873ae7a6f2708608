import type { RuleGroup } from './rule';

/** Query for a quantile of the scores of the last 15 minutes. */
function scoreQuantile(share: number): string {
  return `histogram_quantile(${share}, sum by (model, le) (rate(reranker_score_distribution_bucket[15m])))`;
}

/** Alerts on ranking quality. */
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
        'Requests succeed, but the rankings are worse. Check what changed: weights, template, tokenizer, runtime, or type of machine.',
    },
    {
      alert: 'RerankerScoreDrift',
      when: [{ value: 'max by (model, language) (reranker_quality_score_drift)', operator: '>', limit: 0.25 }],
      for: '1m',
      severity: 'ticket',
      summary:
        'The score distribution of {{ $labels.model }} on its {{ $labels.language }} golden queries has drifted (PSI {{ $value | printf "%.2f" }}).',
      description: 'The order may still be right, but score thresholds that users set no longer mean the same.',
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
        'Relevant and irrelevant documents get the same scores. This does not happen with real traffic: the model, its calibration or its input is broken.',
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
        'The last complete round of golden queries for {{ $labels.model }} ended {{ $value | humanizeDuration }} ago.',
      description:
        'The ranking quality is unknown. Check that the probe runs and that the fleet is not too full for its queries.',
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
      summary: '{{ $value | humanizePercentage }} of the golden queries to {{ $labels.model }} fail.',
      description:
        'The probe sends its queries to the gateway like a user, so users may see the same errors. Its log names the status code.',
    },
  ],
};
