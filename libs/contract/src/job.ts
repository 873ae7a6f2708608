import { z } from 'zod';
import { failureSchema } from './errors';

/** The wire version this code writes, and the newest it reads. */
export const wireVersion = 1;

/**
 * One part of a request, as it lies on the bundle's queue. A large request is several of these; `part` counts from 0
 * to `parts - 1` and `firstDocument` is the position of `documents[0]` in the request.
 */
export const rerankJobSchema = z.object({
  v: z.literal(wireVersion),
  requestId: z.string(),
  part: z.number().int().nonnegative(),
  parts: z.number().int().positive(),
  /** Id of the gateway whose reply stream gets the outcome. */
  gateway: z.string(),
  query: z.string(),
  instruction: z.string().optional(),
  documents: z.array(z.string()).min(1),
  firstDocument: z.number().int().nonnegative(),
  maxTokensPerDocument: z.number().int().positive().optional(),
  /** `left`: documents that are too long lose their start. An older worker cuts their end, and its outcome shows it. */
  truncationSide: z.enum(['left', 'right']).optional(),
  /** Whether the outcome is to count the tokens of each document. */
  returnTokens: z.boolean().optional(),
  priority: z.number().int().nonnegative(),
  /** What the gateway thinks this part costs; the worker bounds what it takes by it. */
  estimatedTokens: z.number().nonnegative(),
  /** When it was put on the queue and until when an answer is wanted, both ms on Redis' clock. */
  queuedAtMs: z.number(),
  deadlineMs: z.number(),
  /** W3C trace context of the caller. */
  traceparent: z.string().optional(),
});

export type RerankJob = z.infer<typeof rerankJobSchema>;

/** What every later version keeps, so that a worker can refuse a job that is too new for it, as data. */
export const jobEnvelopeSchema = z.object({
  v: z.number().int().positive(),
  requestId: z.string(),
  part: z.number().int().nonnegative(),
  gateway: z.string(),
});

const outcomeBase = { v: z.literal(wireVersion), requestId: z.string(), part: z.number().int().nonnegative() };

/** What a worker answers for one part, on the asking gateway's stream. Indices are those of the whole request. */
export const jobOutcomeSchema = z.discriminatedUnion('ok', [
  z.object({
    ...outcomeBase,
    ok: z.literal(true),
    /** One logit a document, in the part's order; finite. The score is its sigmoid. */
    logits: z.array(z.number()),
    tokens: z.object({ query: z.number().int(), documents: z.number().int() }),
    /** Tokens that were read of each document, in the part's order, where the job asked for them. */
    documentTokens: z.array(z.number().int()).optional(),
    truncated: z.array(
      z.object({
        index: z.number().int(),
        tokens: z.number().int(),
        keptTokens: z.number().int(),
        keptCharacters: z.number().int(),
        /** Only there when the job asked for it and it was done. */
        side: z.literal('left').optional(),
      }),
    ),
    timings: z.object({ queueMs: z.number(), tokenizationMs: z.number(), inferenceMs: z.number() }),
  }),
  z.object({ ...outcomeBase, ok: z.literal(false), failure: failureSchema }),
]);

export type JobOutcome = z.infer<typeof jobOutcomeSchema>;

/** How a job ended, as counted by the worker that settled it. */
export const jobOutcomeLabels = ['completed', 'failed', 'cancelled', 'expired'] as const;
export type JobOutcomeLabel = (typeof jobOutcomeLabels)[number];

/** The label of an outcome: an expected refusal (a query that is too long) is a completed job. */
export function jobOutcomeLabel(outcome: JobOutcome): JobOutcomeLabel {
  if (outcome.ok) return 'completed';
  switch (outcome.failure.code) {
    case 'cancelled':
      return 'cancelled';
    case 'deadline_exceeded':
      return 'expired';
    case 'internal':
    case 'interrupted':
    case 'invalid_score':
    case 'unsupported_job_version':
      return 'failed';
    default:
      return 'completed';
  }
}
