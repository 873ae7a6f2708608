import type { RerankRequest } from '@rerank-fleet/contract';
import { z } from '../zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { documentText } from './document-text';
import { voyageError } from './error-body';
import {
  countOf,
  countOption,
  documentElement,
  flagOption,
  isSet,
  listOf,
  modelField,
  modelName,
  queryField,
  queryText,
  textOption,
} from './fields';
import { rankedResults } from './ranked-results';
import { truncatedMember } from './truncated';

/** The body of Voyage's rerank call. */
export const voyageRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(documentElement, 'The texts to rank. An object counts as its `text`, else its JSON.'),
    top_k: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
    return_documents: flagOption.openapi({ description: 'Return each text, as a string, with its score.' }),
    instruction: textOption.openapi({
      description: 'What "relevant" means here, for models that take an instruction.',
    }),
    truncation: flagOption.openapi({ description: 'Accepted; documents that are too long are always cut, and told.' }),
  })
  .openapi('VoyageRerankRequest');

/** Voyage: `top_k` in, `data` out, documents as strings. */
export const voyage: Dialect = {
  name: 'voyage',
  parse: bodyParser({ schema: voyageRequestSchema, listField: 'documents', toRequest }),
  render: renderVoyage,
};

function toRequest(body: z.infer<typeof voyageRequestSchema>): RerankRequest {
  return {
    model: modelName(body.model),
    query: queryText(body.query),
    instruction: body.instruction ?? undefined,
    documents: body.documents.map((document) => documentText(document, [])),
    topN: countOf(body.top_k),
    returnDocuments: isSet(body.return_documents),
    rawScores: false,
    maxTokensPerDocument: undefined,
    priority: 0,
  };
}

function renderVoyage(answer: Answer): unknown {
  if (!answer.ok) return voyageError(answer.failure);
  const { ranking, request } = answer;
  return {
    object: 'list',
    data: rankedResults(ranking, request).map(({ index, score, text }) =>
      text === undefined ? { index, relevance_score: score } : { index, relevance_score: score, document: text },
    ),
    model: ranking.bundle.name,
    usage: { total_tokens: ranking.tokens.query + ranking.tokens.documents },
    ...truncatedMember(ranking),
  };
}
