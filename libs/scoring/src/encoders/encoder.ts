import type { TruncationSide, Result } from '@rerank-fleet/contract';
import type { TextTruncation } from '../tokenizer/fit-text';

/** A query as token ids. Structured-cloneable. */
export interface EncodedQuery {
  /** Key of what a session prepares for the query. Equal keys mean equal ids. */
  key: string;
  ids: Int32Array;
  /** Tokens that the model reads for it, including the template. */
  tokens: number;
}

/** A document as token ids, truncated to the model's length. Structured-cloneable. */
export interface EncodedDocument {
  ids: Int32Array;
  /** Length of its row in the graph, which is its cost in a batch. */
  rowTokens: number;
  /** Tokens of the text itself that the model reads. */
  keptTokens: number;
  /** Present only if the text was truncated. */
  truncation?: TextTruncation;
  /** Set if the query left no room for any of its tokens: the pair must not be scored. */
  hasNoRoom?: true;
}

/** Converts texts to token ids, for one bundle. Text never becomes a control token. */
export interface Encoder {
  /** Queries are never truncated. One that is too long fails with `query_too_long`. */
  encodeQuery(input: QueryInput): QueryEncoding;
  /** Truncates the document to the model's length, or to `maxTokensPerDocument` of its own tokens. */
  encodeDocument(query: EncodedQuery, text: string, options: DocumentOptions): EncodedDocument;
}

export interface QueryInput {
  query: string;
  /** For templates with a place for it. Undefined: the template's default. */
  instruction?: string;
}

export type QueryEncoding = Result<{ query: EncodedQuery }>;

export interface DocumentOptions {
  maxTokensPerDocument?: number;
  /** The end that loses tokens. Default: right. */
  truncationSide?: TruncationSide;
}
