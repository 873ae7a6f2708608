import type { Failure, Ranking, Refused, RerankRequest, Result } from '@rerank-fleet/contract';
import type { JsonObject } from '../http/json-object';

/** Limits of one request. */
export interface RequestLimits {
  maxDocuments: number;
  /** UTF-16 code units of the query, the instruction or one document. */
  maxTextCharacters: number;
}

/** A parsed body. */
export interface ParsedRequest {
  request: RerankRequest;
  /** The elements of the list as received; only for dialects that return them. */
  sent?: readonly unknown[] | undefined;
  /** Sentences about parts of the body without effect. */
  warnings?: readonly string[];
  /** Name of the option that asked for untruncated documents. */
  noCutOption?: string | undefined;
}

/** A parsed body, or the failure. */
export type ParsedBody = Result<ParsedRequest>;

/** A ranking with its request. */
export interface RankedAnswer extends Pick<ParsedRequest, 'request' | 'sent'> {
  ok: true;
  ranking: Ranking;
  /** Warnings for the caller; see {@link Dialect.warnings}. */
  warnings?: readonly string[];
}

/**
 * The input of a rendered body: a ranking with its request (the ranking has the id), or a failure with the request's
 * id.
 */
export type Answer = RankedAnswer | Refused<{ failure: Failure; requestId: string }>;

/** The API of one family of clients. Both functions depend only on their arguments and the clock. */
export interface Dialect {
  readonly name: string;
  /**
   * Where warnings are returned: in the body, or in a header because the family's clients fail on an unknown member.
   */
  readonly warnings: 'body' | 'header';
  /** Validates a body. It can be any JSON object. */
  parse(body: JsonObject, limits: RequestLimits): ParsedBody;
  /** Returns the JSON value of the answer's body. */
  render(answer: Answer): unknown;
}
