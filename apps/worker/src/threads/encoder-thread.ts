import { workerData } from 'node:worker_threads';
import { BundleError, openEncoder, type Bundle } from '@rerank-fleet/model-runtime';
import { encodeDocuments, type QueryEncoding } from '@rerank-fleet/scoring';
import type { EncodeResult, EncodeSlice } from '../rows/encoding';
import { serveCalls } from './thread-rpc';

const { bundle } = workerData as { bundle: Bundle };
const encoder = openEncoder(bundle);
// each call reports the failure; an unhandled rejection would end the thread before, with less information
encoder.catch(() => undefined);

serveCalls<EncodeSlice, EncodeResult>({
  async handle({ query, ...documents }) {
    const ready = await encoder;
    const startedAt = performance.now();
    const known: QueryEncoding = 'ids' in query ? { ok: true, query } : ready.encodeQuery(query);
    const encoded = known.ok ? encodeDocuments(ready, known.query, documents) : known;
    return { ...encoded, durationMs: performance.now() - startedAt };
  },
  failureOf: (error) => ({
    kind: 'failed',
    // other messages of a tokenizer may quote the text, which must not be logged
    message: error instanceof BundleError ? error.message : 'the tokenizer failed',
  }),
  close: async () => undefined,
});
