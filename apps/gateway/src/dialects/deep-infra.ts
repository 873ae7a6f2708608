import { z } from './zod';
import type { RankedAnswer } from './dialect';
import { elementField, instructionOption, listOf, modelField, textElement, truncationOptions } from './fields';
import { pairParser } from './pairs';
import { resultsInOrder, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of DeepInfra's inference call for rerankers. */
export const deepInfraRequestSchema = z
  .object({
    model: modelField,
    queries: elementField(
      textElement,
      'The query: a string, a list with one string, or a list that repeats it per document.',
    ),
    documents: listOf(textElement, 'The texts to score.'),
    instruction: instructionOption,
    ...truncationOptions,
  })
  .openapi('DeepInfraRerankRequest');

/**
 * DeepInfra. Request: `queries`, `documents`. Answer: bare scores in the order of the request. The path names the
 * model.
 */
export const deepInfra = objectDialect({
  name: 'deepinfra',
  parse: pairParser({ schema: deepInfraRequestSchema, queryField: 'queries', listField: 'documents' }),
  render: renderDeepInfra,
});

function renderDeepInfra(answer: RankedAnswer): object {
  const { ranking } = answer;
  const tokens = totalTokens(ranking);
  return {
    scores: resultsInOrder(answer).map(({ score }) => score),
    input_tokens: tokens,
    request_id: ranking.requestId,
    inference_status: {
      status: 'succeeded',
      runtime_ms: Math.round(ranking.timings.inferenceMs),
      cost: 0,
      tokens_generated: 0,
      tokens_input: tokens,
    },
  };
}
