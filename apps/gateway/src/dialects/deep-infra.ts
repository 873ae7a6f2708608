import { z } from './zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { threeSpellings } from './error-body';
import {
  elementField,
  instructionOption,
  listOf,
  modelField,
  modelName,
  textElement,
  truncationOptions,
} from './fields';
import { pairParser } from './pairs';
import { resultsInOrder, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of DeepInfra's inference call for rerankers. */
export const deepInfraRequestSchema = z
  .object({
    model: modelField,
    queries: elementField(textElement, 'The query: a list of one, or a list that repeats it for each document.'),
    documents: listOf(textElement, 'The texts to score.'),
    instruction: instructionOption,
    ...truncationOptions,
  })
  .openapi('DeepInfraRerankRequest');

/** DeepInfra: `queries` and `documents` in, bare scores in the order of the request out. The path names the model. */
export const deepInfra: Dialect = {
  name: 'deepinfra',
  warnings: 'body',
  parse: pairParser(
    { query: 'queries', list: 'documents' },
    bodyParser({
      schema: deepInfraRequestSchema,
      queryField: 'queries',
      listField: 'documents',
      toRequest: ({ model, queries, documents, instruction }) => ({
        model: modelName(model),
        query: queries,
        documents,
        instruction: instruction ?? undefined,
      }),
    }),
  ),
  render: renderDeepInfra,
};

function renderDeepInfra(answer: Answer): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
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
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
