import { rankingEndpoints } from '../objectives';
import type { RuleGroup } from './rule';

/** Refusals are quick and requests that ran out of time are errors: both would say nothing of how long a ranking takes. */
const answered = `${rankingEndpoints},code=~"2.."`;

/** Three plain thresholds: what most teams begin with. */
export const articleGroup: RuleGroup = {
  name: 'reranker-thresholds',
  rules: [
    {
      alert: 'RerankerErrorRateHigh',
      when: [{ value: 'fleet:reranker_requests_bad:ratio_rate5m', operator: '>', limit: 0.05 }],
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
            `sum(rate(reranker_request_duration_seconds_sum{${answered}}[5m]))` +
            ` / (sum(rate(reranker_request_duration_seconds_count{${answered}}[5m])) > 0)`,
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
      when: [{ value: 'gpu:reranker_gpu_memory_used:ratio', operator: '>', limit: 0.9 }],
      for: '5m',
      severity: 'ticket',
      summary: 'GPU {{ $labels.uuid }} has {{ $value | humanizePercentage }} of its memory in use.',
      description:
        'The next large batch may not fit: it is then cut in two, which costs time. Who else uses the device?',
    },
  ],
};
