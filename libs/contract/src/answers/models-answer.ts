import { z } from 'zod';

/** The limits of a request. */
export const limitsSchema = z.object({
  max_documents: z.number().int(),
  max_body_bytes: z.number().int(),
  max_text_characters: z.number().int(),
  max_json_depth: z.number().int(),
});

/** What quantized weights cost against fp32, measured when the bundle was made. */
const quantizationSchema = z.object({
  pairs: z.number().int(),
  queries: z.number().int(),
  largest_score_difference: z.number(),
  mean_score_difference: z.number(),
  rank_correlation: z.number(),
  changed_first_documents: z.number().int().describe('Queries whose best document is another one.'),
  exact_layers: z.array(z.string()).describe('Layers that stay fp32.'),
});

/** One live bundle, with the members that clients of OpenAI, Xinference, NVIDIA and Cohere read. */
export const modelSchema = z.object({
  id: z.string().describe('The name of the newest live version; `<name>@<version>` for any other version.'),
  object: z.literal('model'),
  created: z.number().int(),
  owned_by: z.string(),
  root: z.string(),
  model_type: z.literal('rerank'),
  model_name: z.string(),
  name: z.string().describe("The same as `id`, for Cohere's clients."),
  endpoints: z.array(z.literal('rerank')),
  version: z.string(),
  aliases: z.array(z.string()),
  is_default: z.boolean(),
  head: z.string(),
  revision: z.string(),
  source: z.string(),
  template_version: z.string(),
  takes_instruction: z.boolean(),
  max_length_tokens: z.number().int(),
  dtype: z.string(),
  quantization: quantizationSchema.nullable(),
  provider: z.string(),
  workers: z.number().int(),
  tokens_per_second: z.number().nullable(),
  limits: limitsSchema,
});

export type ModelAnswer = z.infer<typeof modelSchema>;

/** The answer of `GET /v1/models`, sorted by name, the newest version first. */
export const modelListSchema = z.object({
  object: z.literal('list'),
  data: z.array(modelSchema),
  models: z
    .array(modelSchema.pick({ name: true, endpoints: true }).extend({ context_length: z.number().int() }))
    .describe("The same models for Cohere's clients."),
});

export type ModelListAnswer = z.infer<typeof modelListSchema>;
