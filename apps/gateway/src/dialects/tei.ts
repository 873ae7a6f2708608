import type { RerankRequest } from '@rerank-fleet/contract';
import { z } from '../zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { teiError } from './error-body';
import {
  countOf,
  countOption,
  flagOption,
  isSet,
  listOf,
  modelField,
  modelName,
  queryField,
  queryText,
  stringElement,
  textOption,
} from './fields';
import { rankedResults } from './ranked-results';

/** The body of text-embeddings-inference's `/rerank`, with the `top_n` that LiteLLM adds. */
export const teiRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    texts: listOf(stringElement, 'The texts to rank.'),
    raw_scores: flagOption.openapi({ description: 'Return logits, whose sigmoids are the scores.' }),
    return_text: flagOption.openapi({ description: 'Return each text with its score.' }),
    top_n: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
    instruction: textOption.openapi({
      description: 'What "relevant" means here, for models that take an instruction.',
    }),
    truncate: flagOption.openapi({
      description: 'Accepted; texts that are too long are always cut from the right, as x-truncated-documents says.',
    }),
  })
  .openapi('TeiRerankRequest');

/** text-embeddings-inference: `texts` in, a bare array out. */
export const tei: Dialect = {
  name: 'tei',
  parse: bodyParser({ schema: teiRequestSchema, listField: 'texts', toRequest }),
  render: renderTei,
};

function toRequest(body: z.infer<typeof teiRequestSchema>): RerankRequest {
  return {
    model: modelName(body.model),
    query: queryText(body.query),
    instruction: body.instruction ?? undefined,
    documents: [...body.texts],
    topN: countOf(body.top_n),
    returnDocuments: isSet(body.return_text),
    rawScores: isSet(body.raw_scores),
    maxTokensPerDocument: undefined,
    priority: 0,
  };
}

/** Also the answer of the `hugging-face` dialect: its parser throws on any member but these. */
export function renderTei(answer: Answer): unknown {
  if (!answer.ok) return teiError(answer.failure);
  return rankedResults(answer.ranking, answer.request).map(({ index, score, text }) =>
    text === undefined ? { index, score } : { index, score, text },
  );
}
