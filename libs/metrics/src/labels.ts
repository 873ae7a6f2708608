/**
 * Closed sets of label values that only metrics use. `error_type`, `outcome` and the reasons of Redis come from the
 * contract instead, so that no label has a second list.
 */

/** Value for everything that is not listed: an unlisted path, method or model has no series of its own. */
export const otherLabel = 'other';

/** Methods that keep their name in the `method` label, if the endpoint supports them. Others are {@link otherLabel}. */
export const httpMethods = ['GET', 'HEAD', 'POST'] as const;

/** Kinds of queries: the article's four values. The gateway classifies. */
export const queryTypes = ['definition', 'howto', 'why', 'general'] as const;
export type QueryType = (typeof queryTypes)[number];

/** Why a request was refused or ended without a ranking, for `reranker_rejected_total`. */
export const rejectedReasons = [
  'auth',
  'rate_limit',
  'queue_full',
  'gateway_full',
  'too_large',
  'bad_request',
  'no_worker',
  'redis_away',
  'interrupted',
  'timeout',
  'client_gone',
] as const;
export type RejectedReason = (typeof rejectedReasons)[number];

/** Kinds of tokens that the model processed. */
export const tokenKinds = ['query', 'document', 'padding'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** Why documents of a job that a worker had taken were not scored. */
export const dropReasons = ['cancelled', 'expired'] as const;
export type DropReason = (typeof dropReasons)[number];

/** How the query of a job was found among the prepared ones: as a whole, by its first tokens, or not at all. */
export const queryLookups = ['kept', 'continued', 'computed'] as const;
export type QueryLookup = (typeof queryLookups)[number];

/** Kinds of feedback, for `reranker_feedback_total`. */
export const feedbackKinds = ['grade', 'click'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

/** States of a job on a queue, with BullMQ's names. */
export const queueStates = ['prioritized', 'waiting', 'active', 'delayed', 'failed'] as const;
export type QueueState = (typeof queueStates)[number];

/** Languages of the golden queries. */
export const goldenLanguages = ['en', 'zh'] as const;
export type GoldenLanguage = (typeof goldenLanguages)[number];

/** Outcomes of a golden query. */
export const probeOutcomes = ['answered', 'failed'] as const;
export type ProbeOutcome = (typeof probeOutcomes)[number];
