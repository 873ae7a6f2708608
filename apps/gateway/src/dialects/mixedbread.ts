import { z } from './zod';
import { type AskedFor, bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { threeSpellings } from './error-body';
import {
  documentsByFields,
  instructionOption,
  isSet,
  limitOf,
  limitOptions,
  modelField,
  modelName,
  queryField,
  rankFieldsOption,
  returnTextsOption,
  truncationOptions,
} from './fields';
import { rankedResults, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of mixedbread's reranking call. */
export const mixedbreadRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    input: documentsByFields,
    rank_fields: rankFieldsOption,
    ...limitOptions,
    return_input: returnTextsOption,
    instruction: instructionOption,
    ...truncationOptions,
  })
  .openapi('MixedbreadRerankRequest');

/** mixedbread: a list as `input` in, `data` out, with the elements as they were sent. */
export const mixedbread: Dialect = {
  name: 'mixedbread',
  warnings: 'body',
  parse: bodyParser({ schema: mixedbreadRequestSchema, listField: 'input', returnsElements: true, toRequest }),
  render: renderMixedbread,
};

function toRequest(body: z.infer<typeof mixedbreadRequestSchema>): AskedFor {
  return {
    model: modelName(body.model),
    query: body.query,
    instruction: body.instruction ?? undefined,
    documents: body.input,
    rankFields: body.rank_fields,
    topN: limitOf(body),
    returnDocuments: isSet(body.return_input),
  };
}

/** Its client demands `top_k` and `return_input`, also of those who sent neither. */
function renderMixedbread(answer: Answer): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
  const { ranking, request } = answer;
  const results = rankedResults(answer);
  const tokens = totalTokens(ranking);
  return {
    object: 'list',
    model: ranking.bundle.name,
    data: results.map(({ index, score, sent }) => ({
      index,
      score,
      object: 'rank_result',
      ...(request.returnDocuments ? { input: sent } : {}),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
    top_k: results.length,
    return_input: request.returnDocuments,
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
