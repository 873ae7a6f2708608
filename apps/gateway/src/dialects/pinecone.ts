import { z } from './zod';
import { type AskedFor, bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { pineconeError } from './error-body';
import {
  documentsByFields,
  flagOf,
  limitOf,
  limitOptions,
  modelField,
  modelName,
  queryField,
  rankFieldsOption,
  returnTextsOption,
  truncationOptions,
} from './fields';
import { rankedResults } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of Pinecone's rerank call. */
export const pineconeRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: documentsByFields,
    rank_fields: rankFieldsOption,
    ...limitOptions,
    return_documents: returnTextsOption.openapi({
      description: 'Return with each result the document as it was sent; the default.',
    }),
    parameters: z
      .unknown()
      .optional()
      .openapi({ description: "The model's own options: those about cutting are read as they are beside it." }),
    ...truncationOptions,
  })
  .openapi('PineconeRerankRequest');

/** Pinecone: `documents` in, `data` with the documents as they were sent out, unless it is told not to. */
export const pinecone: Dialect = {
  name: 'pinecone',
  warnings: 'body',
  parse: bodyParser({
    schema: pineconeRequestSchema,
    listField: 'documents',
    returnsElements: true,
    nestedOptions: { field: 'parameters', members: [] },
    toRequest,
  }),
  render: renderPinecone,
};

function toRequest(body: z.infer<typeof pineconeRequestSchema>): AskedFor {
  return {
    model: modelName(body.model),
    query: body.query,
    documents: body.documents,
    rankFields: body.rank_fields,
    topN: limitOf(body),
    returnDocuments: flagOf(body.return_documents) ?? true,
  };
}

/** Its client knows documents as objects only. */
function renderPinecone(answer: Answer): unknown {
  if (!answer.ok) return pineconeError(answer.failure);
  const { ranking, request } = answer;
  return {
    model: ranking.bundle.name,
    data: rankedResults(answer).map(({ index, score, sent }) => ({
      index,
      score,
      ...(request.returnDocuments ? { document: typeof sent === 'string' ? { text: sent } : sent } : {}),
    })),
    usage: { rerank_units: 1 },
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
