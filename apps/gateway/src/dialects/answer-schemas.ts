import { z } from '../zod';

/**
 * The bodies that dialects answer with, for the API's description. Tests hold every rendered body against them, and
 * results against them strictly: some clients throw on a member too many.
 */

const score = z.number().openapi({ description: 'Relevance from 0 to 1, or the logit when raw scores are asked for.' });
const index = z.number().int().openapi({ description: 'Position of the document in the request.' });

const truncated = z
  .array(
    z.strictObject({
      index,
      tokens: z.number().int(),
      kept_tokens: z.number().int(),
      kept_characters: z.number().int().openapi({ description: 'UTF-16 code units from the start of the text.' }),
    }),
  )
  .optional()
  .openapi({ description: 'The documents that were cut; absent when none was.' });

const count = z.number().int();

/** The answer of the `documents` dialect. */
export const cohereAnswerSchema = z
  .strictObject({
    id: z.string(),
    object: z.literal('rerank'),
    model: z.string(),
    results: z.array(
      z.strictObject({ index, relevance_score: score, document: z.strictObject({ text: z.string() }).optional() }),
    ),
    usage: z.strictObject({ prompt_tokens: count, completion_tokens: count, total_tokens: count }),
    meta: z.strictObject({
      api_version: z.strictObject({ version: z.string() }),
      billed_units: z.strictObject({ search_units: count }),
      tokens: z.strictObject({ input_tokens: count, output_tokens: count }),
    }),
    truncated,
  })
  .openapi('Ranking');

/** The answer of the `texts` dialect and of `/hf/rerank`. */
export const teiAnswerSchema = z
  .array(z.strictObject({ index, score, text: z.string().optional() }))
  .openapi('TeiRanking');

/** The answer of the Voyage dialect. */
export const voyageAnswerSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(z.strictObject({ index, relevance_score: score, document: z.string().optional() })),
    model: z.string(),
    usage: z.strictObject({ total_tokens: count }),
    truncated,
  })
  .openapi('VoyageRanking');

/** An error in three spellings. */
export const errorSchema = z
  .strictObject({
    message: z.string(),
    detail: z.string(),
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
      limit: z.number().optional(),
    }),
  })
  .openapi('Error');

/** An error of text-embeddings-inference. */
export const teiErrorSchema = z
  .strictObject({
    error: z.string(),
    error_type: z.enum(['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty']),
  })
  .openapi('TeiError');

/** An error for Voyage's clients. */
export const voyageErrorSchema = z.strictObject({ detail: z.string(), message: z.string() }).openapi('VoyageError');
