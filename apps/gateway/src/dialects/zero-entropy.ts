import { bodyParser } from './body-parser';
import type { RankedAnswer } from './dialect';
import { rankingBody, textList } from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of ZeroEntropy's rerank call. */
export const zeroEntropyRequestSchema = rankingBody('ZeroEntropyRerankRequest', { documents: textList });

/** ZeroEntropy. It sends Cohere's body and reads sums beside the results. */
export const zeroEntropy = objectDialect({
  name: 'zeroentropy',
  parse: bodyParser({ schema: zeroEntropyRequestSchema, listField: 'documents' }),
  render: renderZeroEntropy,
});

/** Its client knows two modes; every request here is in the fast one. Latencies are in seconds. */
function renderZeroEntropy(answer: RankedAnswer): object {
  const { ranking, request } = answer;
  const { queueMs, tokenizationMs, inferenceMs } = ranking.timings;
  const texts = [request.query, ...request.documents];
  return {
    results: relevanceResults(answer, (text) => text),
    total_bytes: texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0),
    total_tokens: totalTokens(ranking),
    actual_latency_mode: 'fast',
    e2e_latency: (queueMs + tokenizationMs + inferenceMs) / 1_000,
    inference_latency: inferenceMs / 1_000,
  };
}
