import { workerData } from 'node:worker_threads';
import { BundleError, openEncoder, type Bundle } from '@rerank-fleet/model-runtime';
import type { EncodeArgument, EncodeValue } from './threads';
import { serveCalls } from './thread-rpc';

const { bundle } = workerData as { bundle: Bundle };
const encoder = openEncoder(bundle);
// whoever calls is told; a thread that dies of it first would tell less
encoder.catch(() => undefined);

serveCalls<EncodeArgument, EncodeValue>({
  async handle({ query, instruction, documents, maxTokensPerDocument }) {
    const startedAt = performance.now();
    const ready = await encoder;
    const encodedQuery = ready.encodeQuery({ query, ...(instruction !== undefined && { instruction }) });
    const took = () => performance.now() - startedAt;
    if (!encodedQuery.ok) return { ok: false, failure: encodedQuery.failure, durationMs: took() };
    const options = maxTokensPerDocument === undefined ? {} : { maxTokensPerDocument };
    const encoded = documents.map((text) => ready.encodeDocument(encodedQuery.query, text, options));
    return { ok: true, query: encodedQuery.query, documents: encoded, durationMs: took() };
  },
  failureOf: (error) => ({
    kind: 'failed',
    // any other message of a tokenizer may quote the text, which belongs in no log
    message: error instanceof BundleError ? error.message : 'the tokenizer failed',
  }),
  close: async () => undefined,
});
