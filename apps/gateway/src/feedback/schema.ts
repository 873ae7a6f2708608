import { maxNameCharacters, shortText } from '../dialects/fields';
import { z } from '../dialects/zod';

/** The highest grade. 0: not relevant, 1: on topic, 2: answers in part, 3: answers. */
const gradeMax = 3;
/** The highest rank. Users do not look at lower results. */
const rankMax = 1_000;
const requestIdMaxCharacters = 100;

const wholeNumber = (min: number, max: number) => {
  const expected = `must be a whole number from ${min} to ${max}`;
  return z
    .number({ error: 'must be a number' })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error: expected })
    .openapi({ type: 'integer', minimum: min, maximum: max });
};

const resultSchema = z.object(
  {
    index: wholeNumber(0, Number.MAX_SAFE_INTEGER).openapi({ description: 'Position of the document in the request.' }),
    rank: wholeNumber(1, rankMax).nullish().openapi({
      description: 'Its position in the ranking, from 1. Needed only if the gateway no longer keeps the ranking.',
    }),
    grade: wholeNumber(0, gradeMax)
      .nullish()
      .openapi({ description: '0 not relevant, 1 on topic, 2 answers in part, 3 answers.' }),
    clicked: z
      .boolean({ error: 'must be true or false' })
      .nullish()
      .openapi({ description: 'false: seen but not clicked. A ranking without any click counts as a miss.' }),
  },
  { error: 'must be an object' },
);

/** Body of `POST /v1/feedback`. Unknown fields are ignored. */
export const feedbackSchema = z.object({
  request_id: shortText(requestIdMaxCharacters)
    .min(1, { error: 'must not be empty' })
    .openapi({ description: 'The `x-request-id` of the ranking.' }),
  model: shortText(maxNameCharacters)
    .nullish()
    .openapi({ description: 'Needed only if the gateway no longer keeps the ranking.' }),
  results: z
    .array(resultSchema, { error: 'must be a list' })
    .openapi({ description: 'The documents that a user graded or clicked. All others count as not relevant.' }),
});

export type FeedbackBody = z.infer<typeof feedbackSchema>;
