import { z } from './zod';
import { bodyParser } from './body-parser';
import { weaviateError } from './error-body';
import { documentList, maxNameCharacters, modelField, queryField, shortText, truncationOptions } from './fields';
import { resultsInOrder } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Weaviate's `reranker-transformers` module. Only `property` distinguishes it from Cohere's. */
export const weaviateRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: documentList,
    property: shortText(maxNameCharacters).openapi({
      description: 'Any string, also an empty one. Its presence selects this answer.',
    }),
    ...truncationOptions,
  })
  .openapi('WeaviateRerankRequest');

/** Weaviate. Request: `documents`, `property`. Answer: scores in the order of the request, matched by position. */
export const weaviate = objectDialect({
  name: 'weaviate',
  parse: bodyParser({ schema: weaviateRequestSchema, listField: 'documents', always: { returnDocuments: true } }),
  renderFailure: weaviateError,
  render: (answer) => ({ scores: resultsInOrder(answer).map(({ score, text }) => ({ document: text, score })) }),
});
