import { z } from 'zod';

/** The answer of `POST /v1/feedback`. */
export const feedbackAnswerSchema = z.object({
  request_id: z.string(),
  model: z.string().describe('Name of the graded model.'),
  counted: z
    .boolean()
    .describe('False if feedback for this ranking was counted before. Only the first feedback counts.'),
  ndcg: z.number().nullable().describe('nDCG@10, 0 to 1; null if no document was relevant.'),
  reciprocal_rank: z.number().describe('One over the rank of the first relevant document, otherwise 0.'),
});

export type FeedbackAnswer = z.infer<typeof feedbackAnswerSchema>;
