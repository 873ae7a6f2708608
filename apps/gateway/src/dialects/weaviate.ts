import { z } from './zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { weaviateError } from './error-body';
import {
  documentElement,
  listOf,
  maxNameCharacters,
  modelField,
  modelName,
  queryField,
  shortText,
  truncationOptions,
} from './fields';
import { resultsInOrder } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of Weaviate's `reranker-transformers` module. Only its `property` tells it from Cohere's. */
export const weaviateRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(documentElement, 'The texts to rank. An object counts as its `text`, else its JSON.'),
    property: shortText(maxNameCharacters).openapi({
      description: 'Any string, also an empty one; it asks for this answer.',
    }),
    ...truncationOptions,
  })
  .openapi('WeaviateRerankRequest');

/** Weaviate: `documents` with a `property` in, scores in the order of the request out. */
export const weaviate: Dialect = {
  name: 'weaviate',
  warnings: 'body',
  parse: bodyParser({
    schema: weaviateRequestSchema,
    listField: 'documents',
    toRequest: ({ model, query, documents }) => ({
      model: modelName(model),
      query,
      documents,
      returnDocuments: true,
    }),
  }),
  render: renderWeaviate,
};

/** The module pairs scores with its objects by their place. */
function renderWeaviate(answer: Answer): unknown {
  if (!answer.ok) return weaviateError(answer.failure);
  return {
    scores: resultsInOrder(answer).map(({ score, text }) => ({ document: text, score })),
    ...truncatedMember(answer.ranking),
    ...warningsMember(answer),
  };
}
