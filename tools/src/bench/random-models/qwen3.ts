import { readQwen3Tokenizer } from '@rerank-fleet/scoring/testing';
import type { ModelRecipe, Shapes } from './checkpoint';

/** Sizes of a Qwen3 model. */
export interface Qwen3Sizes {
  layers: number;
  hidden: number;
  inner: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  vocabulary: number;
}

/** The sizes of Qwen/Qwen3-Reranker-0.6B. */
export const reranker06b: Qwen3Sizes = {
  ...{ layers: 28, hidden: 1024, inner: 3072, heads: 16, keyValueHeads: 8, headSize: 128 },
  vocabulary: 151_669,
};

export const rotaryBase = 1_000_000;
export const normEpsilon = 1e-6;

/** A model of these sizes as its owner would publish it, with the real tokenizer. */
export function qwen3Recipe(name: string, sizes: Qwen3Sizes): ModelRecipe {
  const config = {
    ...{ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_act: 'silu', attention_bias: false },
    ...{ tie_word_embeddings: true, rope_theta: rotaryBase, rms_norm_eps: normEpsilon },
    max_position_embeddings: 40_960,
    vocab_size: sizes.vocabulary,
    hidden_size: sizes.hidden,
    intermediate_size: sizes.inner,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyValueHeads,
    head_dim: sizes.headSize,
  };
  return { name, config, shapes: shapesOf(sizes), tokenizer: readQwen3Tokenizer() };
}

function shapesOf({ layers, hidden, inner, heads, keyValueHeads, headSize, vocabulary }: Qwen3Sizes): Shapes {
  const layer = (index: number): [string, number[]][] => {
    const shapes: Record<string, number[]> = {
      input_layernorm: [hidden],
      'self_attn.q_proj': [heads * headSize, hidden],
      'self_attn.k_proj': [keyValueHeads * headSize, hidden],
      'self_attn.v_proj': [keyValueHeads * headSize, hidden],
      'self_attn.q_norm': [headSize],
      'self_attn.k_norm': [headSize],
      'self_attn.o_proj': [hidden, heads * headSize],
      post_attention_layernorm: [hidden],
      'mlp.gate_proj': [inner, hidden],
      'mlp.up_proj': [inner, hidden],
      'mlp.down_proj': [hidden, inner],
    };
    return Object.entries(shapes).map(([name, shape]) => [`model.layers.${index}.${name}.weight`, shape]);
  };
  return {
    'model.embed_tokens.weight': [vocabulary, hidden],
    ...Object.fromEntries(Array.from({ length: layers }, (_, index) => layer(index)).flat()),
    'model.norm.weight': [hidden],
  };
}
