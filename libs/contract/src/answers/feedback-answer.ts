import { z } from 'zod';

/** The answer of `POST /v1/feedback`. */
export const feedbackAnswerSchema = z.object({
  request_id: z.string(),
  model: z.string().describe('Name of the model that is judged.'),
  counted: z.boolean().describe('False when this ranking had been judged before: the first one counts.'),
  ndcg: z.number().nullable().describe('nDCG@10, 0 to 1; null when nothing was relevant.'),
  reciprocal_rank: z.number().describe('One over the rank of the first relevant document, else 0.'),
});

export type FeedbackAnswer = z.infer<typeof feedbackAnswerSchema>;
