import { z } from './zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { threeSpellings } from './error-body';
import {
  flagOption,
  isSet,
  limitOf,
  limitOptions,
  listOf,
  modelField,
  modelName,
  queryField,
  textElement,
  truncationOptions,
} from './fields';
import { rankedResults, totalTokens } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of Isaacus' reranking call. */
export const isaacusRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    texts: listOf(textElement, 'The texts to rank.'),
    is_iql: flagOption
      .refine((flag) => !isSet(flag), { error: 'asks for a query in IQL, which is not understood here' })
      .openapi({
        enum: [false, 'false', 0, '0', null],
        description: 'Whether the query is written in IQL: that is refused, since its text alone says something else.',
      }),
    ...limitOptions,
    ...truncationOptions,
  })
  .openapi('IsaacusRerankRequest');

/** Isaacus: `texts` in, `results` with a `score` out. */
export const isaacus: Dialect = {
  name: 'isaacus',
  warnings: 'body',
  parse: bodyParser({
    schema: isaacusRequestSchema,
    listField: 'texts',
    toRequest: (body) => ({
      model: modelName(body.model),
      query: body.query,
      documents: body.texts,
      topN: limitOf(body),
    }),
  }),
  render: renderIsaacus,
};

function renderIsaacus(answer: Answer): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
  const { ranking } = answer;
  return {
    results: rankedResults(answer).map(({ index, score }) => ({ index, score })),
    usage: { input_tokens: totalTokens(ranking) },
    ...truncatedMember(ranking),
    ...warningsMember(answer),
  };
}
