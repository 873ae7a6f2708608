import type { TruncationSide, Result } from '@rerank-fleet/contract';
import type { TextTruncation } from '../tokenizer/fit-text';

/** A query as token ids. Structured-cloneable. */
export interface EncodedQuery {
  /** Names what a session prepares for it: equal keys mean equal ids. */
  key: string;
  ids: Int32Array;
  /** Tokens that are read for it, template included. */
  tokens: number;
}

/** A document as token ids, cut where the model could not read on. Structured-cloneable. */
export interface EncodedDocument {
  ids: Int32Array;
  /** Length of its row in the graph: what a batch pays for it. */
  rowTokens: number;
  /** Tokens of the text itself that are read. */
  keptTokens: number;
  /** Only there when something was cut. */
  truncation?: TextTruncation;
  /** The query left no room for any of its tokens: the pair is not to be scored. */
  hasNoRoom?: true;
}

/** Text to token ids, for one bundle. Text never becomes a control token. */
export interface Encoder {
  /** A query is never cut: one that is too long is a failure `query_too_long`. */
  encodeQuery(input: QueryInput): QueryEncoding;
  /** Cuts the document to the model's length, or to `maxTokensPerDocument` of its own tokens. */
  encodeDocument(query: EncodedQuery, text: string, options: DocumentOptions): EncodedDocument;
}

export interface QueryInput {
  query: string;
  /** For templates that have a place for it; undefined = the template's own. */
  instruction?: string;
}

export type QueryEncoding = Result<{ query: EncodedQuery }>;

export interface DocumentOptions {
  maxTokensPerDocument?: number;
  /** Which end loses tokens; the right one unless said. */
  truncationSide?: TruncationSide;
}
