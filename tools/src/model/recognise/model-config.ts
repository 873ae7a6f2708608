import { z } from 'zod';

const size = z.number().int().positive();

/** The members of a repository's config.json that are used. Where the graph has the same fact, the graph decides. */
export const modelConfigSchema = z.object({
  model_type: z.string().min(1),
  architectures: z.array(z.string()).nullish(),
  vocab_size: size,
  max_position_embeddings: size.nullish(),
  pad_token_id: z.number().int().nonnegative().nullish(),
  num_key_value_heads: size.nullish(),
  num_attention_heads: size.nullish(),
  hidden_size: size.nullish(),
  head_dim: size.nullish(),
});

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** The members of tokenizer_config.json that are used. */
export const tokenizerConfigSchema = z.object({
  /** Some repositories use 1e30 for "no limit". */
  model_max_length: z.number().positive().nullish(),
  pad_token: z.union([z.string(), z.object({ content: z.string() })]).nullish(),
});

export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>;
