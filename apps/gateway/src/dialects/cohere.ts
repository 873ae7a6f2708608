import type { RerankRequest } from '@rerank-fleet/contract';
import { z } from '../zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { documentText } from './document-text';
import { threeSpellings } from './error-body';
import {
  countOf,
  countOption,
  documentElement,
  flagOption,
  isSet,
  listOf,
  modelField,
  modelName,
  priorityOption,
  queryField,
  queryText,
  stringElement,
  textOption,
} from './fields';
import { rankedResults } from './ranked-results';
import { truncatedMember } from './truncated';

/** The body of the `documents` dialect. Members that are not named here are ignored. */
export const cohereRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(
      documentElement,
      'The texts to rank. An object counts as the values of its `rank_fields`, else its `text`, else its JSON.',
    ),
    rank_fields: listOf(stringElement, 'Members of object documents to rank by, joined by line breaks in this order.')
      .nullish()
      .openapi({ type: ['array', 'null'] }),
    top_n: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
    return_documents: flagOption.openapi({ description: 'Return the text that was ranked with each result.' }),
    instruction: textOption.openapi({
      description: 'What "relevant" means here, for models that take an instruction.',
    }),
    max_tokens_per_doc: countOption.openapi({ description: 'Cut each document to so many tokens; 0 or null: no cut.' }),
    priority: priorityOption,
    raw_scores: flagOption.openapi({ description: 'Return logits, whose sigmoids are the scores.' }),
    truncate: flagOption.openapi({ description: 'Accepted; documents that are too long are always cut, and told.' }),
  })
  .openapi('RerankRequest');

type CohereBody = z.infer<typeof cohereRequestSchema>;

/**
 * Cohere v1 and v2, Jina, vLLM, Together, SiliconFlow, Xinference and the many products that copied them: `documents`
 * in, one object out that satisfies all their clients.
 */
export const cohere: Dialect = {
  name: 'cohere',
  parse: bodyParser({ schema: cohereRequestSchema, listField: 'documents', toRequest }),
  render: renderCohere,
};

function toRequest(body: CohereBody): RerankRequest {
  const rankFields = body.rank_fields ?? [];
  return {
    model: modelName(body.model),
    query: queryText(body.query),
    instruction: body.instruction ?? undefined,
    documents: body.documents.map((document) => documentText(document, rankFields)),
    topN: countOf(body.top_n),
    returnDocuments: isSet(body.return_documents),
    rawScores: isSet(body.raw_scores),
    maxTokensPerDocument: countOf(body.max_tokens_per_doc),
    priority: body.priority ?? 0,
  };
}

function renderCohere(answer: Answer): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
  const { ranking, request } = answer;
  const tokens = ranking.tokens.query + ranking.tokens.documents;
  return {
    id: `rerank-${ranking.requestId}`,
    object: 'rerank',
    model: ranking.bundle.name,
    results: rankedResults(ranking, request).map(({ index, score, text }) =>
      text === undefined ? { index, relevance_score: score } : { index, relevance_score: score, document: { text } },
    ),
    usage: { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens },
    meta: {
      api_version: { version: '2' },
      billed_units: { search_units: 1 },
      tokens: { input_tokens: tokens, output_tokens: 0 },
    },
    ...truncatedMember(ranking),
  };
}
