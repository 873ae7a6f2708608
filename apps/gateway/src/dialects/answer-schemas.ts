import {
  answerMembers,
  errorAnswerSchema,
  errorMember,
  rankingAnswerOf,
  rankingAnswerSchema,
} from '@rerank-fleet/contract';
import { named, z } from './zod';
import { dashScopeCodes, pineconeCodes } from './error-body';

/**
 * The bodies that dialects answer with, for the API's description; the contract has what the page reads too. Tests hold every rendered body against them, and
 * results against them strictly: some clients throw on a member too many.
 */

const { index, score, truncated, warnings, usage: usageInTokens } = answerMembers;
const count = z.number().int();

const resultWith = (document: z.ZodType) =>
  z.strictObject({ index, relevance_score: score, document: document.optional() });
const textObject = z.strictObject({ text: z.string() });
const anyObject = z.looseObject({});

/** The answer of an `objectDialect`, which adds two members to its own. */
function objectAnswer<T extends z.ZodRawShape>(name: string, members: T) {
  return z.strictObject({ ...members, truncated, warnings }).openapi(name);
}

/** The answer of the `documents` dialect. */
export const cohereAnswerSchema = named(rankingAnswerSchema, 'Ranking');

/** The answer under the `/infinity` prefix: the same, with documents as strings. */
export const infinityAnswerSchema = rankingAnswerOf(resultWith(z.string())).openapi('InfinityRanking');

/** The answer for OpenRouter's client: the same, with documents always. */
export const openRouterAnswerSchema = rankingAnswerOf(
  z.strictObject({ index, relevance_score: score, document: textObject }),
).openapi('OpenRouterRanking');

/** The answer of the mixedbread dialect. */
export const mixedbreadAnswerSchema = objectAnswer('MixedbreadRanking', {
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.strictObject({
      index,
      score,
      object: z.literal('rank_result'),
      input: z
        .union([z.string(), anyObject])
        .optional()
        .openapi({ description: 'The element as it was sent, when it was asked back.' }),
    }),
  ),
  usage: usageInTokens,
  top_k: count.openapi({ description: 'How many results there are.' }),
  return_input: z.boolean(),
});

/** The answer of the Pinecone dialect. */
export const pineconeAnswerSchema = objectAnswer('PineconeRanking', {
  model: z.string(),
  data: z.array(
    z.strictObject({
      index,
      score,
      document: anyObject
        .optional()
        .openapi({ description: 'The document as it was sent, a string as its `text`; absent when not wanted.' }),
    }),
  ),
  usage: z.strictObject({ rerank_units: count }),
});

/** The answer of the `texts` dialect and of `/hf/rerank`. */
export const teiAnswerSchema = z
  .array(z.strictObject({ index, score, text: z.string().optional() }))
  .openapi('TeiRanking');

/** The answer of the Voyage dialect. */
export const voyageAnswerSchema = objectAnswer('VoyageRanking', {
  object: z.literal('list'),
  data: z.array(resultWith(z.string())),
  model: z.string(),
  usage: z.strictObject({ total_tokens: count }),
});

/** The answer of the DashScope dialect. */
export const dashScopeAnswerSchema = objectAnswer('DashScopeRanking', {
  output: z.strictObject({ results: z.array(resultWith(textObject)) }),
  usage: z.strictObject({ total_tokens: count }),
  request_id: z.string(),
});

/** The answer of the NVIDIA dialect. */
export const nvidiaAnswerSchema = objectAnswer('NvidiaRanking', {
  rankings: z.array(
    z.strictObject({
      index,
      logit: z.number().openapi({ description: 'Its sigmoid is the relevance from 0 to 1.' }),
    }),
  ),
});

/** The answer for Weaviate: every document, in the order of the request. */
export const weaviateAnswerSchema = objectAnswer('WeaviateRanking', {
  scores: z.array(
    z.strictObject({ document: z.string(), score: z.number().openapi({ description: 'Relevance from 0 to 1.' }) }),
  ),
});

/** The answer of vLLM's score call: every text, in the order of the request. */
export const scoreAnswerSchema = objectAnswer('ScoreAnswer', {
  id: z.string(),
  object: z.literal('list'),
  created: count.openapi({ description: 'Seconds since 1970.' }),
  model: z.string(),
  data: z.array(z.strictObject({ index, object: z.literal('score'), score })),
  usage: usageInTokens,
});

/** The answer for DeepInfra's clients. */
export const deepInfraAnswerSchema = objectAnswer('DeepInfraRanking', {
  scores: z.array(score).openapi({ description: 'One for each document, in the order of the request.' }),
  input_tokens: count,
  request_id: z.string(),
  inference_status: z.strictObject({
    status: z.literal('succeeded'),
    runtime_ms: count,
    cost: z.literal(0),
    tokens_generated: z.literal(0),
    tokens_input: count,
  }),
});

const seconds = z.number().openapi({ description: 'Seconds.' });

/** The answer for ZeroEntropy's clients. */
export const zeroEntropyAnswerSchema = objectAnswer('ZeroEntropyRanking', {
  results: z.array(z.strictObject({ index, relevance_score: score })),
  total_bytes: count.openapi({ description: 'UTF-8 bytes of the query and the documents.' }),
  total_tokens: count,
  actual_latency_mode: z.literal('fast'),
  e2e_latency: seconds,
  inference_latency: seconds,
});

/** The answer for Isaacus' clients. */
export const isaacusAnswerSchema = objectAnswer('IsaacusRanking', {
  results: z.array(z.strictObject({ index, score })),
  usage: z.strictObject({ input_tokens: count }),
});

/** An error in three spellings. */
export const errorSchema = named(errorAnswerSchema, 'Error');

/** An error under the Infinity prefix. */
export const infinityErrorSchema = z
  .strictObject({
    message: z.string(),
    detail: z
      .union([
        z.string(),
        z.array(z.strictObject({ loc: z.array(z.string()), msg: z.string(), type: z.string() })).length(1),
      ])
      .openapi({ description: 'The message; on a 422 a list, as FastAPI has it.' }),
    error: errorMember,
  })
  .openapi('InfinityError');

/** An error for OpenRouter's client. */
export const openRouterErrorSchema = z
  .strictObject({
    message: z.string(),
    detail: z.string(),
    error: z.strictObject({ code: count.openapi({ description: 'The status.' }), message: z.string() }),
  })
  .openapi('OpenRouterError');

/** An error of Pinecone. */
export const pineconeErrorSchema = z
  .strictObject({ error: z.strictObject({ code: z.enum(pineconeCodes), message: z.string() }), status: count })
  .openapi('PineconeError');

/** An error of text-embeddings-inference. */
export const teiErrorSchema = z
  .strictObject({
    error: z.string(),
    error_type: z.enum(['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty']),
  })
  .openapi('TeiError');

/** An error for Voyage's clients. */
export const voyageErrorSchema = z.strictObject({ detail: z.string(), message: z.string() }).openapi('VoyageError');

/** An error of DashScope. */
export const dashScopeErrorSchema = z
  .strictObject({ code: z.enum(dashScopeCodes), message: z.string(), request_id: z.string() })
  .openapi('DashScopeError');

/** An error for Weaviate. */
export const weaviateErrorSchema = z
  .strictObject({ message: z.string(), detail: z.string(), error: z.string() })
  .openapi('WeaviateError');
