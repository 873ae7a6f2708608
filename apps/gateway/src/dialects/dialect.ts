import type { Failure, Ranking, Refused, RerankRequest, Result } from '@rerank-fleet/contract';
import type { JsonObject } from '../http/json-object';

/** Bounds on one request; past them it is refused. */
export interface RequestLimits {
  maxDocuments: number;
  /** UTF-16 code units of the query, the instruction or one document. */
  maxTextCharacters: number;
}

/** What a body asks for. */
export interface ParsedRequest {
  request: RerankRequest;
  /** The list's elements as they came; only for dialects that return more than their texts. */
  sent?: readonly unknown[] | undefined;
  /** What of the body has no effect. */
  warnings?: readonly string[];
  /** Name of the option that asked for no document to be cut. */
  wantsWhole?: string | undefined;
}

/** What a body turned out to be. */
export type ParsedBody = Result<ParsedRequest>;

/** A ranking with the request that it answers. */
export interface RankedAnswer extends Pick<ParsedRequest, 'request' | 'sent'> {
  ok: true;
  ranking: Ranking;
  /** What its caller should know; see {@link Dialect.warnings}. */
  warnings?: readonly string[];
}

/** What a body is made from: a ranking with its request (the ranking knows its id), or a failure with the request's id. */
export type Answer = RankedAnswer | Refused<{ failure: Failure; requestId: string }>;

/** One family of clients: how they ask and what they read. Both functions depend on nothing else, but for the time of day. */
export interface Dialect {
  readonly name: string;
  /** Where warnings are told: by {@link Dialect.render}, or in a header, because its clients throw on a new member. */
  readonly warnings: 'body' | 'header';
  /** Validates a body, which may be anything that is a JSON object. */
  parse(body: JsonObject, limits: RequestLimits): ParsedBody;
  /** The JSON value of the answer, which {@link JSON.stringify} turns into the body. */
  render(answer: Answer): unknown;
}
