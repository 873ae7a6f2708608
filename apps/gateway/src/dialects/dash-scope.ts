import { z } from './zod';
import { bodyParser } from './body-parser';
import { dashScopeError } from './error-body';
import {
  instructionOption,
  limitOptions,
  modelField,
  queryField,
  returnTextsOption,
  textList,
  truncationOptions,
} from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

const notObject = 'must be an object';

const parametersSchema = z.object(
  { ...limitOptions, return_documents: returnTextsOption, instruct: instructionOption, ...truncationOptions },
  { error: notObject },
);

/** The body of DashScope's text rerank call. */
export const dashScopeRequestSchema = z
  .object({
    model: modelField,
    input: z.object({ query: queryField, documents: textList }, { error: notObject }),
    parameters: parametersSchema.nullish(),
  })
  .openapi('DashScopeRerankRequest');

/** DashScope (Alibaba Cloud Model Studio). Request: `input`, `parameters`. Answer: `output`, `request_id`. */
export const dashScope = objectDialect({
  name: 'dash-scope',
  parse: bodyParser({
    schema: dashScopeRequestSchema,
    listField: 'input.documents',
    queryField: 'input.query',
    optionsField: 'parameters',
    instructionField: 'parameters.instruct',
    nestedOptions: { field: 'parameters', members: Object.keys(parametersSchema.shape) },
  }),
  renderFailure: dashScopeError,
  render: (answer) => ({
    output: { results: relevanceResults(answer, (text) => ({ text })) },
    usage: { total_tokens: totalTokens(answer.ranking) },
    request_id: answer.ranking.requestId,
  }),
});
