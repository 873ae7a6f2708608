import { z } from 'zod';
import { failureSchema } from './errors';

/** The wire version that this code writes, and the newest that it reads. */
export const wireVersion = 1;

/**
 * One part of a request, as a job on the bundle's queue. A large request has several parts. `part` counts from 0 to
 * `parts - 1`, and `firstDocument` is the index of `documents[0]` in the request.
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
  /** Whether the outcome must include the tokens of each document. */
  returnTokens: z.boolean().optional(),
  priority: z.number().int().nonnegative(),
  /** The gateway's estimate of this part's cost. The worker limits its held tokens by it. */
  estimatedTokens: z.number().nonnegative(),
  /** When the job was queued, and its deadline; both in ms on Redis' clock. */
  queuedAtMs: z.number(),
  deadlineMs: z.number(),
  /** W3C trace context of the caller. */
  traceparent: z.string().optional(),
});

export type RerankJob = z.infer<typeof rerankJobSchema>;

/** The members that every later version keeps, so that a worker can answer a job which is too new with a failure. */
export const jobEnvelopeSchema = z.object({
  v: z.number().int().positive(),
  requestId: z.string(),
  part: z.number().int().nonnegative(),
  gateway: z.string(),
});

const outcomeBase = { v: z.literal(wireVersion), requestId: z.string(), part: z.number().int().nonnegative() };

/** A worker's answer for one part, on the gateway's stream. Indices are those of the whole request. */
export const jobOutcomeSchema = z.discriminatedUnion('ok', [
  z.object({
    ...outcomeBase,
    ok: z.literal(true),
    /** One logit per document, in the part's order, finite. The score is its sigmoid. */
    logits: z.array(z.number()),
    tokens: z.object({ query: z.number().int(), documents: z.number().int() }),
    /** Tokens that were read of each document, in the part's order, if the job requested them. */
    documentTokens: z.array(z.number().int()).optional(),
    truncated: z.array(
      z.object({
        index: z.number().int(),
        tokens: z.number().int(),
        keptTokens: z.number().int(),
        keptCharacters: z.number().int(),
        /** Present only if the job requested it and the worker supports it. */
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

/** The label of an outcome. An expected refusal (a query that is too long) counts as a completed job. */
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
