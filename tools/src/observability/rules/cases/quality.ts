import { type AlertCases, gauge } from './case';

const golden = 'job="reranker-quality-probe",instance="p:1",model="e5",language="zh"';
const goldenLabels = { model: 'e5', language: 'zh' };
const goldenQueries = (outcome: string) => `reranker_quality_queries_total{model="e5",outcome="${outcome}"}`;

/** Input series of the score histogram. `belowEdge`: scores per minute at or below each bucket edge. */
function scores(belowEdge: Readonly<Record<string, number>>): Record<string, string> {
  const buckets = Object.entries(belowEdge).map(([edge, count]) => [
    `reranker_score_distribution_bucket{model="e5",le="${edge}"}`,
    `0+${count}x60`,
  ]);
  const count = ['reranker_score_distribution_count{model="e5"}', `0+${belowEdge['+Inf']}x60`];
  return Object.fromEntries([...buckets, count]) as Record<string, string>;
}

/** Cases of the alerts on ranking quality. */
export const quality: Record<string, AlertCases> = {
  RerankerQualityFell: {
    fires: {
      series: {
        [`reranker_quality_ndcg{${golden}}`]: '0.7x60',
        [`reranker_quality_baseline_ndcg{${golden}}`]: '0.85x60',
      },
      at: '10m',
      expect: [
        {
          labels: goldenLabels,
          summary: 'e5 ranks its zh golden queries at nDCG 0.70, well below its baseline.',
        },
      ],
    },
    silent: {
      series: {
        [`reranker_quality_ndcg{${golden}}`]: '0.81x60',
        [`reranker_quality_baseline_ndcg{${golden}}`]: '0.85x60',
      },
      at: '10m',
      expect: [],
    },
  },
  RerankerScoreDrift: gauge(`reranker_quality_score_drift{${golden}}`, { fires: 0.5, silent: 0.2 })({
    labels: goldenLabels,
    summary: 'The score distribution of e5 on its zh golden queries has drifted (PSI 0.50).',
  }),
  RerankerScoresCollapsed: {
    fires: {
      series: scores({ '0.45': 0, '0.5': 100, '1': 100, '+Inf': 100 }),
      at: '30m',
      expect: [{ labels: { model: 'e5' }, summary: 'Nearly all scores of e5 lie within 0.05 of each other.' }],
    },
    // one document in a hundred scores higher than the rest
    silent: { series: scores({ '0.45': 0, '0.5': 99, '0.95': 99, '1': 100, '+Inf': 100 }), at: '30m', expect: [] },
    more: {
      'stays silent when few documents were scored': {
        series: scores({ '0.45': 0, '0.5': 10, '1': 10, '+Inf': 10 }),
        at: '30m',
        expect: [],
      },
    },
  },
  RerankerProbeStale: {
    fires: {
      series: { 'reranker_quality_last_round_timestamp_seconds{model="e5"}': '0x180' },
      at: '2h',
      expect: [
        { labels: { model: 'e5' }, summary: 'The last complete round of golden queries for e5 ended 2h 0m 0s ago.' },
      ],
    },
    silent: {
      series: { 'reranker_quality_last_round_timestamp_seconds{model="e5"}': '6000x180' },
      at: '2h',
      expect: [],
    },
  },
  RerankerProbeFailing: {
    fires: {
      series: { [goldenQueries('answered')]: '0+8x60', [goldenQueries('failed')]: '0+2x60' },
      at: '30m',
      expect: [{ labels: { model: 'e5' }, summary: '20% of the golden queries to e5 fail.' }],
    },
    silent: {
      series: { [goldenQueries('answered')]: '0+95x60', [goldenQueries('failed')]: '0+5x60' },
      at: '30m',
      expect: [],
    },
  },
};
