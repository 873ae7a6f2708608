import { jobOutcomeLabel, sigmoid } from '@rerank-fleet/contract';
import type { WorkerMetrics } from '@rerank-fleet/metrics';
import { logOncePer, type Logger } from '@rerank-fleet/service-shell';
import type { PipelineEvents } from '../pipeline/events';
import type { Health } from './health';
import type { JobSpans } from './job-spans';

export interface Observers {
  spans: JobSpans;
  metrics: WorkerMetrics;
  logger: Pick<Logger, 'error'>;
  health: Health;
  /** `<name>@<version>` */
  queue: string;
}

const repeatLogMs = 10_000;

/** Records the pipeline's events as spans, metrics and log lines. Spans come first, because metrics refer to traces. */
export function observePipeline({ spans, metrics, logger, health, queue }: Observers): PipelineEvents {
  const logFailure = logOncePer(repeatLogMs, { write: logger.error });
  return {
    encodingStarted: spans.encodingStarted,
    batchStarted: spans.batchStarted,
    batchFailed: spans.batchFailed,
    batchSplit: metrics.batchSplit,
    dropped: metrics.dropped,
    taken(taken) {
      spans.taken(taken);
      metrics.queueWaited(taken.queueWaitMs, spans.jobTraceId(taken.job));
      if (taken.retried) metrics.retried();
    },
    encoded(job, result) {
      spans.encoded(job, result);
      if (result !== undefined && !('dropped' in result)) metrics.tokenized(result.durationMs, spans.jobTraceId(job));
    },
    queryPrepared: () => void (health.lastInferenceGood = true),
    batchRun(run, end) {
      health.lastInferenceGood = true;
      spans.batchRun(run, end);
      const traceId = spans.batchTraceId(run);
      metrics.batchRun({ ...end.figures, ...(traceId !== undefined && { traceId }) });
    },
    ended(job, outcome, isSettled) {
      spans.ended(job, outcome, isSettled);
      if (!isSettled) return;
      metrics.jobSettled(jobOutcomeLabel(outcome));
      if (!outcome.ok) return;
      metrics.tokensRead(outcome.tokens);
      metrics.truncated(outcome.truncated.length);
      metrics.scored(outcome.logits.map(sigmoid));
    },
    jobFailed: (job, error) => logFailure('a request failed before the model ran', { ...spans.requestIds(job), error }),
    // the run itself succeeded, so the worker stays ready
    invalidScores(job, documents) {
      metrics.invalidScores(documents.length);
      logFailure('the model returned an invalid score', { ...spans.requestIds(job), bundle: queue, documents });
    },
    inferenceFailed(jobs, error) {
      health.lastInferenceGood = false;
      const requests = jobs.map(spans.requestIds);
      logFailure('an inference failed', {
        requestIds: requests.map(({ requestId }) => requestId),
        traceIds: requests.flatMap(({ traceId }) => traceId ?? []),
        error,
      });
    },
  };
}
