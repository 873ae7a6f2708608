import { workerData } from 'node:worker_threads';
import { BundleError, openEncoder, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs } from '@rerank-fleet/scoring';
import type { EncodeArgument, EncodeValue } from './threads';
import { serveCalls } from './thread-rpc';

const { bundle } = workerData as { bundle: Bundle };
const encoder = openEncoder(bundle);
// whoever calls is told; a thread that dies of it first would tell less
encoder.catch(() => undefined);

serveCalls<EncodeArgument, EncodeValue>({
  async handle({ query, instruction, documents, maxTokensPerDocument, truncationSide }) {
    const startedAt = performance.now();
    const encoded = encodePairs(await encoder, {
      query,
      documents,
      ...(instruction !== undefined && { instruction }),
      ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }),
      ...(truncationSide !== undefined && { truncationSide }),
    });
    return { ...encoded, durationMs: performance.now() - startedAt };
  },
  failureOf: (error) => ({
    kind: 'failed',
    // any other message of a tokenizer may quote the text, which belongs in no log
    message: error instanceof BundleError ? error.message : 'the tokenizer failed',
  }),
  close: async () => undefined,
});
