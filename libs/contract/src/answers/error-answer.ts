import { z } from 'zod';

/** The member `error` of an error answer, in the shape that OpenAI's clients read. */
export const errorMember = z.strictObject({
  message: z.string(),
  type: z.string(),
  code: z.string(),
  param: z.string().nullable(),
  limit: z.number().optional(),
});

/** An error of the `documents` dialect and of every other path. Three members have the message, for several clients. */
export const errorAnswerSchema = z.strictObject({ message: z.string(), detail: z.string(), error: errorMember });

export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
