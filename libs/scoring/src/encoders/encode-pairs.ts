import type { Result } from '@rerank-fleet/contract';
import type { DocumentOptions, EncodedDocument, EncodedQuery, Encoder, QueryInput } from './encoder';

/** A query with the documents to score for it. */
export interface PairsInput extends QueryInput, DocumentOptions {
  documents: readonly string[];
}

export type PairsEncoding = Result<{ query: EncodedQuery; documents: EncodedDocument[] }>;

/** Encodes a query and all its documents; a query that leaves no room for one of them is a failure `query_too_long`. */
export function encodePairs(
  encoder: Encoder,
  { documents, maxTokensPerDocument, truncationSide = 'right', ...input }: PairsInput,
): PairsEncoding {
  const encoded = encoder.encodeQuery(input);
  if (!encoded.ok) return encoded;
  const options = { truncationSide, ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }) };
  return encodeDocuments(encoder, encoded.query, { documents, ...options });
}

/** The same for a query that was encoded before. */
export function encodeDocuments(
  encoder: Encoder,
  query: EncodedQuery,
  { documents, ...options }: Omit<PairsInput, keyof QueryInput>,
): PairsEncoding {
  const encodedDocuments = documents.map((text) => encoder.encodeDocument(query, text, options));
  if (encodedDocuments.some((document) => document.hasNoRoom)) {
    const message = 'The query (with its instruction) leaves no room for a document. Queries are never cut.';
    return { ok: false, failure: { code: 'query_too_long', message, field: 'query' } };
  }
  return { ok: true, query, documents: encodedDocuments };
}
