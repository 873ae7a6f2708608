import { rankingEndpoints } from '../objectives';
import type { RuleGroup } from './rule';

/** Three plain thresholds: what most teams begin with. */
export const articleGroup: RuleGroup = {
  name: 'reranker-thresholds',
  rules: [
    {
      alert: 'RerankerErrorRateHigh',
      when: [
        {
          value:
            `sum(rate(reranker_requests_total{${rankingEndpoints},code=~"5.."}[5m]))` +
            ` / (sum(rate(reranker_requests_total{${rankingEndpoints}}[5m])) > 0)`,
          operator: '>',
          limit: 0.05,
        },
      ],
      for: '5m',
      severity: 'page',
      summary: '{{ $value | humanizePercentage }} of the ranking requests fail.',
      description: 'Users get errors of ours. Which code is it, and is a worker or Redis away?',
    },
    {
      alert: 'RerankerResponseSlow',
      when: [
        {
          value:
            `sum(rate(reranker_request_duration_seconds_sum{${rankingEndpoints}}[5m]))` +
            ` / (sum(rate(reranker_request_duration_seconds_count{${rankingEndpoints}}[5m])) > 0)`,
          operator: '>',
          limit: 3,
        },
      ],
      for: '5m',
      severity: 'page',
      summary: 'A ranking takes {{ $value | humanizeDuration }} on average.',
      description: 'Users wait. A long queue wait is load, a long inference is the model or its machine.',
    },
    {
      alert: 'RerankerGpuMemoryHigh',
      when: [
        {
          value: 'max by (uuid) (reranker_gpu_memory_usage_bytes) / max by (uuid) (reranker_gpu_memory_total_bytes)',
          operator: '>',
          limit: 0.9,
        },
      ],
      for: '5m',
      severity: 'ticket',
      summary: 'GPU {{ $labels.uuid }} has {{ $value | humanizePercentage }} of its memory in use.',
      description:
        'The next large batch may not fit: it is then cut in two, which costs time. Who else uses the device?',
    },
  ],
};
