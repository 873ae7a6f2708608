import { z } from 'zod';

/** The member `error` of an error, as OpenAI's clients read it. */
export const errorMember = z.strictObject({
  message: z.string(),
  type: z.string(),
  code: z.string(),
  param: z.string().nullable(),
  limit: z.number().optional(),
});

/** An error of the `documents` dialects and of every other path, in three spellings. */
export const errorAnswerSchema = z.strictObject({ message: z.string(), detail: z.string(), error: errorMember });

export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
