import { z } from './zod';
import { bodyParser } from './body-parser';
import { voyageError } from './error-body';
import {
  documentElement,
  instructionOption,
  limitOptions,
  listOf,
  modelField,
  queryField,
  returnTextsOption,
  truncationOptions,
} from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Voyage's rerank call. */
export const voyageRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(documentElement, 'The texts to rank. An object counts as its `text`, otherwise its JSON.'),
    ...limitOptions,
    return_documents: returnTextsOption,
    instruction: instructionOption,
    ...truncationOptions,
  })
  .openapi('VoyageRerankRequest');

/** Voyage. Request: `top_k`. Answer: `data` with documents as strings. */
export const voyage = objectDialect({
  name: 'voyage',
  parse: bodyParser({ schema: voyageRequestSchema, listField: 'documents' }),
  renderFailure: voyageError,
  render: (answer) => ({
    object: 'list',
    data: relevanceResults(answer, (text) => text),
    model: answer.ranking.bundle.name,
    usage: { total_tokens: totalTokens(answer.ranking) },
  }),
});
