import { z } from '../zod';
import type { Answer, Dialect, JsonObject, ParsedBody, RequestLimits } from './dialect';
import { teiError } from './error-body';
import { countOf, countOption, flagOption, isSet, listOf, modelField, queryField, stringElement, textOption } from './fields';
import { rankedResults } from './ranked-results';
import { checkCount, findTooLongText, validate } from './validate';

/** The body of text-embeddings-inference's `/rerank`, with the `top_n` that LiteLLM adds. */
export const teiRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    texts: listOf(stringElement, 'The texts to rank.'),
    raw_scores: flagOption.openapi({ description: 'Return logits, whose sigmoids are the scores.' }),
    return_text: flagOption.openapi({ description: 'Return each text with its score.' }),
    top_n: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
    instruction: textOption.openapi({ description: 'What "relevant" means here, for models that take an instruction.' }),
    truncate: flagOption.openapi({
      description: 'Accepted; texts that are too long are always cut from the right, as x-truncated-documents says.',
    }),
  })
  .openapi('TeiRerankRequest');

/** text-embeddings-inference: `texts` in, a bare array out. */
export const tei: Dialect = { name: 'tei', parse: parseTei, render: renderTei };

function parseTei(body: JsonObject, limits: RequestLimits): ParsedBody {
  const count = checkCount(body, 'texts', limits);
  if (!count.ok) return count;
  const checked = validate(teiRequestSchema, body);
  if (!checked.ok) return checked;
  const { query, texts, instruction, ...options } = checked.value;
  const request = {
    model: options.model ?? undefined,
    query: typeof query === 'string' ? query : query.text,
    instruction: instruction ?? undefined,
    documents: [...texts],
    topN: countOf(options.top_n),
    returnDocuments: isSet(options.return_text),
    rawScores: isSet(options.raw_scores),
    maxTokensPerDocument: undefined,
    priority: 0,
  };
  const failure = findTooLongText({ ...request, listField: 'texts' }, limits);
  return failure ? { ok: false, failure } : { ok: true, request };
}

/** Also the answer of the `hugging-face` dialect: its parser throws on any member but these. */
export function renderTei(answer: Answer): unknown {
  if (!answer.ok) return teiError(answer.failure);
  return rankedResults(answer.ranking, answer.request).map(({ index, score, text }) =>
    text === undefined ? { index, score } : { index, score, text },
  );
}
