import { bodyParser } from './body-parser';
import { flagOption, isSet, rankingBody, textList } from './fields';
import { rankedResults, totalTokens } from './ranked-results';
import { objectDialect } from './object-dialect';

/** The body of Isaacus' reranking call. */
export const isaacusRequestSchema = rankingBody('IsaacusRerankRequest', {
  texts: textList,
  is_iql: flagOption
    .refine((flag) => !isSet(flag), { error: 'asks for a query in IQL, which this server does not support' })
    .openapi({
      enum: [false, 'false', 0, '0', null],
      description:
        'Whether the query is written in IQL. True is refused: read as plain text, such a query has another meaning.',
    }),
});

/** Isaacus. Request: `texts`. Answer: `results` with a `score`. */
export const isaacus = objectDialect({
  name: 'isaacus',
  parse: bodyParser({ schema: isaacusRequestSchema, listField: 'texts' }),
  render: (answer) => ({
    results: rankedResults(answer).map(({ index, score }) => ({ index, score })),
    usage: { input_tokens: totalTokens(answer.ranking) },
  }),
});
