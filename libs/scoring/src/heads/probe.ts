import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';

/** The query of a probe, from the ids of its part of the row. */
export function probeQuery(ids: readonly number[]): EncodedQuery {
  return { key: 'probe', ids: Int32Array.from(ids), tokens: ids.length };
}

/** The document of a probe, from the ids of its part of the row. */
export function probeDocument(ids: readonly number[]): EncodedDocument {
  return { ids: Int32Array.from(ids), rowTokens: ids.length, keptTokens: 1 };
}
