import type { Result } from '@rerank-fleet/contract';
import type { DocumentOptions, EncodedDocument, EncodedQuery, Encoder, QueryInput } from './encoder';

/** A query with the documents to score for it. */
export interface PairsInput extends QueryInput, DocumentOptions {
  documents: readonly string[];
}

export type PairsEncoding = Result<{ query: EncodedQuery; documents: EncodedDocument[] }>;

/** Encodes a query and all its documents. Fails with `query_too_long` if the query leaves no room for one of them. */
export function encodePairs(
  encoder: Encoder,
  { documents, maxTokensPerDocument, truncationSide = 'right', ...input }: PairsInput,
): PairsEncoding {
  const encoded = encoder.encodeQuery(input);
  if (!encoded.ok) return encoded;
  const options = { truncationSide, ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }) };
  return encodeDocuments(encoder, encoded.query, { documents, ...options });
}

/** As {@link encodePairs}, for a query that is already encoded. */
export function encodeDocuments(
  encoder: Encoder,
  query: EncodedQuery,
  { documents, ...options }: Omit<PairsInput, keyof QueryInput>,
): PairsEncoding {
  const encodedDocuments = documents.map((text) => encoder.encodeDocument(query, text, options));
  if (encodedDocuments.some((document) => document.hasNoRoom)) {
    const message = 'The query (with its instruction) leaves no room for a document. Queries are never truncated.';
    return { ok: false, failure: { code: 'query_too_long', message, field: 'query' } };
  }
  return { ok: true, query, documents: encodedDocuments };
}
