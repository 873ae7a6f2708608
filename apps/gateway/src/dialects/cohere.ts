import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { threeSpellings } from './error-body';
import {
  activationOptions,
  countOption,
  documentsByFields,
  flagOption,
  instructionOption,
  priorityOption,
  rankFieldsOption,
  rankingBody,
  returnTextsOption,
  textOption,
} from './fields';
import { relevanceResults, tokensMember, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of the `documents` dialect. Unknown members are ignored. */
export const cohereRequestSchema = rankingBody(
  'RerankRequest',
  { documents: documentsByFields, rank_fields: rankFieldsOption },
  {
    return_documents: returnTextsOption,
    instruction: instructionOption,
    instruct: textOption.openapi({ description: 'Another name of `instruction`, which takes precedence.' }),
    max_tokens_per_doc: countOption.openapi({
      description: 'Maximum tokens per document; longer documents are truncated. 0 or null: no limit.',
    }),
    priority: priorityOption,
    return_tokens: flagOption.openapi({
      description: 'Whether to return `tokens`: the number of tokens read of the query and of each document.',
    }),
    ...activationOptions,
  },
);

/** The body of all dialects whose requests equal Cohere's. */
export const cohereBody = { schema: cohereRequestSchema, listField: 'documents' };

/**
 * Cohere v1 and v2, Jina, vLLM, Together, SiliconFlow, Xinference and compatible products. The body has `documents`;
 * one answer object suits all their clients.
 */
export const cohere: Dialect = {
  name: 'cohere',
  warnings: 'body',
  parse: bodyParser(cohereBody),
  render: (answer) => renderRanking(answer, (text) => ({ text })),
};

/**
 * Renders the answer object of the `documents` dialect.
 *
 * @param toDocument converts a text into a result's `document`
 */
export function renderRanking(answer: Answer, toDocument: (text: string) => unknown): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
  const { ranking } = answer;
  const tokens = totalTokens(ranking);
  return {
    id: `rerank-${ranking.requestId}`,
    object: 'rerank',
    model: ranking.bundle.name,
    model_version: ranking.bundle.version,
    results: relevanceResults(answer, toDocument),
    usage: { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens },
    meta: {
      api_version: { version: '2' },
      billed_units: { search_units: 1 },
      tokens: { input_tokens: tokens, output_tokens: 0 },
      ...warningsMember(answer),
    },
    ...tokensMember(ranking),
    ...truncatedMember(ranking),
  };
}
