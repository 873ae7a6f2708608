import { createFakeEncoder } from '@rerank-fleet/scoring/testing';
import { serveCalls } from './serve-calls';

/** Replaces the worker's encoder thread: one token per word, no vocabulary. */
interface EncodeCall {
  query: string;
  documents: string[];
}

const encoder = createFakeEncoder();

serveCalls(async ({ query, documents }: EncodeCall) => {
  const startedAt = performance.now();
  const encoded = encoder.encodeQuery({ query });
  if (!encoded.ok) throw new Error(encoded.failure.message);
  const rows = documents.map((text) => encoder.encodeDocument(encoded.query, text, {}));
  return { ok: true, query: encoded.query, documents: rows, durationMs: performance.now() - startedAt };
});
