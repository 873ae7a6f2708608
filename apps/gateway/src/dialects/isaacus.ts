import { z } from './zod';
import { bodyParser } from './body-parser';
import {
  flagOption,
  isSet,
  limitOptions,
  listOf,
  modelField,
  queryField,
  textElement,
  truncationOptions,
} from './fields';
import { rankedResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Isaacus' reranking call. */
export const isaacusRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    texts: listOf(textElement, 'The texts to rank.'),
    is_iql: flagOption
      .refine((flag) => !isSet(flag), { error: 'asks for a query in IQL, which this server does not support' })
      .openapi({
        enum: [false, 'false', 0, '0', null],
        description:
          'Whether the query is written in IQL. True is refused: read as plain text, such a query has another meaning.',
      }),
    ...limitOptions,
    ...truncationOptions,
  })
  .openapi('IsaacusRerankRequest');

/** Isaacus. Request: `texts`. Answer: `results` with a `score`. */
export const isaacus = objectDialect({
  name: 'isaacus',
  parse: bodyParser({ schema: isaacusRequestSchema, listField: 'texts' }),
  render: (answer) => ({
    results: rankedResults(answer).map(({ index, score }) => ({ index, score })),
    usage: { input_tokens: totalTokens(answer.ranking) },
  }),
});
