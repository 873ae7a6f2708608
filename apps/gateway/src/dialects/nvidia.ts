import { z } from './zod';
import { bodyParser } from './body-parser';
import type { Answer, Dialect } from './dialect';
import { threeSpellings } from './error-body';
import {
  limitOf,
  limitOptions,
  listOf,
  modelField,
  modelName,
  queryField,
  textElement,
  truncationOptions,
} from './fields';
import { rankedResults } from './ranked-results';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

/** The body of NVIDIA NIM's ranking call. */
export const nvidiaRequestSchema = z
  .object({
    model: modelField,
    query: queryField,
    passages: listOf(textElement, 'The texts to rank.'),
    ...limitOptions,
    ...truncationOptions,
  })
  .openapi('NvidiaRerankRequest');

/** NVIDIA NIM: `passages` in, `rankings` out. Its score is the logit, so every request asks for raw scores. */
export const nvidia: Dialect = {
  name: 'nvidia',
  warnings: 'body',
  parse: bodyParser({
    schema: nvidiaRequestSchema,
    listField: 'passages',
    toRequest: (body) => ({
      model: modelName(body.model),
      query: body.query,
      documents: body.passages,
      topN: limitOf(body),
      rawScores: true,
    }),
  }),
  render: renderNvidia,
};

function renderNvidia(answer: Answer): unknown {
  if (!answer.ok) return threeSpellings(answer.failure);
  return {
    rankings: rankedResults(answer).map(({ index, score }) => ({ index, logit: score })),
    ...truncatedMember(answer.ranking),
    ...warningsMember(answer),
  };
}
