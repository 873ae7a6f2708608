import { z } from './zod';
import { type AskedFor, bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { voyageError } from './error-body';
import {
  documentElement,
  instructionOption,
  isSet,
  limitOf,
  limitOptions,
  listOf,
  modelField,
  modelName,
  queryField,
  returnTextsOption,
  truncationOptions,
} from './fields';
import { relevanceResults, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of Voyage's rerank call. */
export const voyageRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(documentElement, 'The texts to rank. An object counts as its `text`, else its JSON.'),
    ...limitOptions,
    return_documents: returnTextsOption,
    instruction: instructionOption,
    ...truncationOptions,
  })
  .openapi('VoyageRerankRequest');

/** Voyage: `top_k` in, `data` out, documents as strings. */
export const voyage: Dialect = {
  name: 'voyage',
  warnings: 'body',
  parse: bodyParser({ schema: voyageRequestSchema, listField: 'documents', toRequest }),
  render: renderVoyage,
};

function toRequest(body: z.infer<typeof voyageRequestSchema>): AskedFor {
  return {
    model: modelName(body.model),
    query: body.query,
    instruction: body.instruction ?? undefined,
    documents: body.documents,
    topN: limitOf(body),
    returnDocuments: isSet(body.return_documents),
  };
}

function renderVoyage(answer: Answer): unknown {
  if (!answer.ok) return voyageError(answer.failure);
  const { ranking } = answer;
  return {
    object: 'list',
    data: relevanceResults(answer, (text) => text),
    model: ranking.bundle.name,
    usage: { total_tokens: totalTokens(ranking) },
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
