import { rankingEndpoints } from '../objectives';
import type { RuleGroup } from './rule';

/** Only successful requests: refusals are fast and timeouts are errors, so both would distort the time of a ranking. */
const answered = `${rankingEndpoints},code=~"2.."`;

/** Three simple thresholds, a common first set of alerts. */
export const articleGroup: RuleGroup = {
  name: 'reranker-thresholds',
  rules: [
    {
      alert: 'RerankerErrorRateHigh',
      when: [{ value: 'fleet:reranker_requests_bad:ratio_rate5m', operator: '>', limit: 0.05 }],
      for: '5m',
      severity: 'page',
      summary: '{{ $value | humanizePercentage }} of the ranking requests fail.',
      description: 'Users get server errors. Check which status code it is, and whether a worker or Redis is down.',
    },
    {
      alert: 'RerankerResponseSlow',
      when: [
        {
          value:
            `sum(rate(reranker_request_duration_seconds_sum{${answered}}[5m]))` +
            ` / (sum(rate(reranker_request_duration_seconds_count{${answered}}[5m])) > 0)`,
          operator: '>',
          limit: 3,
        },
      ],
      for: '5m',
      severity: 'page',
      summary: 'A ranking takes {{ $value | humanizeDuration }} on average.',
      description:
        'Users wait. Compare queue wait and inference time: a long wait means load; a long inference points to the model or its machine.',
    },
    {
      alert: 'RerankerGpuMemoryHigh',
      when: [{ value: 'gpu:reranker_gpu_memory_used:ratio', operator: '>', limit: 0.9 }],
      for: '5m',
      severity: 'ticket',
      summary: 'GPU {{ $labels.uuid }} uses {{ $value | humanizePercentage }} of its memory.',
      description:
        'The next large batch may not fit. The worker then splits it in two, which costs time. Check which other processes use the device.',
    },
  ],
};
