import { z } from './zod';
import { bodyParser } from './body-parser';
import { limitOptions, listOf, modelField, queryField, textElement, truncationOptions } from './fields';
import { rankedResults } from './ranked-results';
import { objectDialect } from './object-dialect';

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

/**
 * NVIDIA NIM. Request: `passages`. Answer: `rankings`. Its score is the logit, so every request asks for raw scores.
 */
export const nvidia = objectDialect({
  name: 'nvidia',
  parse: bodyParser({ schema: nvidiaRequestSchema, listField: 'passages', always: { rawScores: true } }),
  render: (answer) => ({ rankings: rankedResults(answer).map(({ index, score }) => ({ index, logit: score })) }),
});
