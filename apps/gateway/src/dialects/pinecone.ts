import { z } from './zod';
import { bodyParser } from './body-parser';
import type { RankedAnswer } from './dialect';
import { pineconeError } from './error-body';
import { documentsByFields, rankFieldsOption, rankingBody, returnTextsOption } from './fields';
import { rankedResults } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Pinecone's rerank call. */
export const pineconeRequestSchema = rankingBody(
  'PineconeRerankRequest',
  { documents: documentsByFields, rank_fields: rankFieldsOption },
  {
    return_documents: returnTextsOption.openapi({
      description: 'Return with each result the document as it was sent. Default: true.',
    }),
    parameters: z
      .unknown()
      .optional()
      .openapi({ description: 'Options of the model. Truncation options are also read from here.' }),
  },
);

/** Pinecone. Request: `documents`. Answer: `data` with the documents as received, unless the request declines them. */
export const pinecone = objectDialect({
  name: 'pinecone',
  parse: bodyParser({
    schema: pineconeRequestSchema,
    listField: 'documents',
    returnsElements: true,
    returnsByDefault: true,
    nestedOptions: { field: 'parameters', members: [] },
  }),
  renderFailure: pineconeError,
  render: renderPinecone,
});

/** Its client reads documents as objects only. */
function renderPinecone(answer: RankedAnswer): object {
  const { ranking, request } = answer;
  return {
    model: ranking.bundle.name,
    data: rankedResults(answer).map(({ index, score, sent }) => ({
      index,
      score,
      ...(request.returnDocuments ? { document: typeof sent === 'string' ? { text: sent } : sent } : {}),
    })),
    usage: { rerank_units: 1 },
  };
}
