import { z } from './zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { dashScopeError } from './error-body';
import {
  instructionOption,
  isSet,
  limitOf,
  limitOptions,
  listOf,
  modelField,
  modelName,
  queryField,
  returnTextsOption,
  textElement,
  truncationOptions,
} from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

const notObject = 'must be an object';

const parametersSchema = z.object(
  { ...limitOptions, return_documents: returnTextsOption, instruct: instructionOption, ...truncationOptions },
  { error: notObject },
);

/** The body of DashScope's text rerank call. */
export const dashScopeRequestSchema = z
  .object({
    model: modelField,
    input: z.object({ query: queryField, documents: listOf(textElement, 'The texts to rank.') }, { error: notObject }),
    parameters: parametersSchema.nullish(),
  })
  .openapi('DashScopeRerankRequest');

/** DashScope (Alibaba Cloud Model Studio): `input` and `parameters` in, `output` and `request_id` out. */
export const dashScope: Dialect = {
  name: 'dash-scope',
  warnings: 'body',
  parse: bodyParser({
    schema: dashScopeRequestSchema,
    listField: 'input.documents',
    queryField: 'input.query',
    instructionField: 'parameters.instruct',
    nestedOptions: { field: 'parameters', members: Object.keys(parametersSchema.shape) },
    toRequest: ({ model, input, parameters }) => ({
      model: modelName(model),
      query: input.query,
      instruction: parameters?.instruct ?? undefined,
      documents: input.documents,
      topN: limitOf(parameters ?? {}),
      returnDocuments: isSet(parameters?.return_documents),
    }),
  }),
  render: renderDashScope,
};

function renderDashScope(answer: Answer): unknown {
  if (!answer.ok) return dashScopeError(answer.failure, answer.requestId);
  const { ranking } = answer;
  return {
    output: { results: relevanceResults(answer, (text) => ({ text })) },
    usage: { total_tokens: totalTokens(ranking) },
    request_id: ranking.requestId,
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
