import { z } from 'zod';

const index = z.number().int().describe('Position of the document in the request.');
const score = z.number().describe('Relevance from 0 to 1, or the logit if raw scores were requested.');
const count = z.number().int();

/** Members that answers of several dialects share. */
export const answerMembers = {
  index,
  score,
  usage: z.strictObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count }),
  truncated: z
    .array(
      z.strictObject({
        index,
        tokens: z.number().int(),
        kept_tokens: z.number().int(),
        kept_characters: z
          .number()
          .int()
          .describe('UTF-16 code units from the start of the text, or from its end if `side` is present.'),
        side: z.literal('left').optional().describe('Present if the start was cut off instead of the end.'),
      }),
    )
    .optional()
    .describe('The truncated documents; absent if none was truncated.'),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Options without effect, and documents that were not scored; absent if there are none.'),
};

const tokens = z
  .strictObject({
    query: count,
    documents: z.array(count.nullable()).describe('In the order of the request; null if not known.'),
  })
  .optional()
  .describe('Tokens of each text that the model read; present if `return_tokens` was true.');

/**
 * The answer of the `documents` dialect with results of this shape. One schema cannot extend the other, because the
 * OpenAPI document would then require both kinds of document at once.
 */
export const rankingAnswerOf = <T extends z.ZodType>(result: T) =>
  z.strictObject({
    id: z.string(),
    object: z.literal('rerank'),
    model: z.string().describe('Name of the model that scored.'),
    model_version: z.string().describe('Version of the model that scored.'),
    results: z.array(result),
    usage: answerMembers.usage,
    meta: z.strictObject({
      api_version: z.strictObject({ version: z.string() }),
      billed_units: z.strictObject({ search_units: count }),
      tokens: z.strictObject({ input_tokens: count, output_tokens: count }),
      warnings: answerMembers.warnings,
    }),
    tokens,
    truncated: answerMembers.truncated,
  });

/** The answer of `POST /v1/rerank` to a body of the `documents` dialect, with the results best first. */
export const rankingAnswerSchema = rankingAnswerOf(
  z.strictObject({ index, relevance_score: score, document: z.strictObject({ text: z.string() }).optional() }),
);

export type RankingAnswer = z.infer<typeof rankingAnswerSchema>;
