import { z } from '../zod';
import type { Answer, Dialect, JsonObject, ParsedBody, RequestLimits } from './dialect';
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
  queryField,
  textOption,
} from './fields';
import { rankedResults } from './ranked-results';
import { truncatedMember } from './truncated';
import { checkCount, findTooLongText, validate } from './validate';

/** The body of Voyage's rerank call. */
export const voyageRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    documents: listOf(documentElement, 'The texts to rank. An object counts as its `text`, else its JSON.'),
    top_k: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
    return_documents: flagOption.openapi({ description: 'Return each text, as a string, with its score.' }),
    instruction: textOption.openapi({ description: 'What "relevant" means here, for models that take an instruction.' }),
    truncation: flagOption.openapi({ description: 'Accepted; documents that are too long are always cut, and told.' }),
  })
  .openapi('VoyageRerankRequest');

/** Voyage: `top_k` in, `data` out, documents as strings. */
export const voyage: Dialect = { name: 'voyage', parse: parseVoyage, render: renderVoyage };

function parseVoyage(body: JsonObject, limits: RequestLimits): ParsedBody {
  const count = checkCount(body, 'documents', limits);
  if (!count.ok) return count;
  const checked = validate(voyageRequestSchema, body);
  if (!checked.ok) return checked;
  const { query, documents, ...options } = checked.value;
  const request = {
    model: options.model ?? undefined,
    query: typeof query === 'string' ? query : query.text,
    instruction: options.instruction ?? undefined,
    documents: documents.map((document) => documentText(document, [])),
    topN: countOf(options.top_k),
    returnDocuments: isSet(options.return_documents),
    rawScores: false,
    maxTokensPerDocument: undefined,
    priority: 0,
  };
  const failure = findTooLongText({ ...request, listField: 'documents' }, limits);
  return failure ? { ok: false, failure } : { ok: true, request };
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
