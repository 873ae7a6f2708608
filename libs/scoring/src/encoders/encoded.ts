import { createHash } from 'node:crypto';
import type { Refused } from '@rerank-fleet/contract';
import type { EncodedDocument, EncodedQuery } from './encoder';
import type { FittedText } from '../tokenizer/fit-text';

/** A query from its ids. */
export function encodedQuery(ids: Int32Array): EncodedQuery {
  return { key: createHash('sha256').update(ids).digest('base64url'), ids, tokens: ids.length };
}

export interface DocumentRow {
  /** The document's part of the row, including the template. */
  ids: Int32Array;
  /** Length of the whole row, which includes the query's part if the graph reads it again per document. */
  rowTokens: number;
}

/** A document from its row and its fitted text. */
export function encodedDocument({ ids, rowTokens }: DocumentRow, fitted: FittedText): EncodedDocument {
  const document = { ids, rowTokens, keptTokens: fitted.ids.length };
  return fitted.truncation === undefined ? document : { ...document, truncation: fitted.truncation };
}

export function queryTooLong(tokens: number, limit: number): Refused {
  const message = `The query is ${tokens} tokens long; this model reads at most ${limit}. Queries are never truncated.`;
  return { ok: false, failure: { code: 'query_too_long', message, field: 'query', limit } };
}
