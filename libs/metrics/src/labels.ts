/**
 * Closed sets of label values that only metrics know. `error_type` and `outcome` come from the contract instead, so that
 * a label never has a second list to drift from.
 */

/** Value for whatever is not on a list: an unlisted path, verb or model never makes a series of its own. */
export const otherLabel = 'other';

/** Verbs that keep their name in the `method` label, at an endpoint that answers them; any other is {@link otherLabel}. */
export const httpMethods = ['GET', 'HEAD', 'POST'] as const;

/** What a query seems to ask for. The gateway decides which; the article's four values. */
export const queryTypes = ['definition', 'howto', 'why', 'general'] as const;
export type QueryType = (typeof queryTypes)[number];

/** Why a request was turned away or given up, for `reranker_rejected_total`. */
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

/** What a token that went through the model was. */
export const tokenKinds = ['query', 'document', 'padding'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** Why documents of a job that a worker had taken were not scored. */
export const dropReasons = ['cancelled', 'expired'] as const;
export type DropReason = (typeof dropReasons)[number];

/** What somebody said of a ranking, for `reranker_feedback_total`. */
export const feedbackKinds = ['grade', 'click'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

/** Where a job of a queue is, in BullMQ's words. */
export const queueStates = ['prioritized', 'waiting', 'active', 'delayed', 'failed'] as const;
export type QueueState = (typeof queueStates)[number];

/** Why a process cannot work with Redis: it does not answer, or the word with which it refuses. */
export const redisTroubles = [
  'away',
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'OOM',
  'MISCONF',
  'NOREPLICAS',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
  'other',
] as const;
export type RedisTrouble = (typeof redisTroubles)[number];

/** Languages that there are golden queries in. */
export const goldenLanguages = ['en', 'zh'] as const;
export type GoldenLanguage = (typeof goldenLanguages)[number];

/** What became of a golden query. */
export const probeOutcomes = ['answered', 'failed'] as const;
export type ProbeOutcome = (typeof probeOutcomes)[number];
