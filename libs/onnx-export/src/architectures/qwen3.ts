import { z } from 'zod';
import { attention, split } from '../layers/attention';
import { lastToken, logitsOutput, tokenInputs } from '../layers/inputs';
import { joinedLinear, linear } from '../layers/linear';
import { rmsNorm } from '../layers/normalization';
import { rotate, rotaryFrequencies, rotation, type Rotation } from '../layers/rotary';
import { rowDifference, storedWeight, type Build } from '../layers/weights';
import type { Value } from '../onnx/graph';
import { ExportError } from '../errors/export-error';
import type { Architecture, ArchitectureInputs } from './architecture';
import { labelCount, labelFields, onlyIfPresent, readConfig, rotaryBase, rotaryFields, size } from './config';

const configSchema = z.object({
  architectures: z.array(z.string()),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size.multipleOf(2).default(128),
  vocab_size: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: onlyIfPresent(false),
  use_sliding_window: onlyIfPresent(false),
  layer_types: z.array(z.literal('full_attention')).optional(),
  tie_word_embeddings: z.boolean().default(false),
  ...labelFields.shape,
  ...rotaryFields.shape,
});
type Config = z.infer<typeof configSchema>;

const embeddings = 'model.embed_tokens.weight';

/** Qwen3: a causal model with RMS norms, norms of queries and keys per head, rotary embeddings and a gated MLP. */
export const qwen3: Architecture = {
  names: ['Qwen3ForCausalLM', 'Qwen3ForSequenceClassification'],
  // a tied model may carry its head once more; old checkpoints have the frequencies of rotary embeddings
  unneeded: /^lm_head\.weight$|\.rotary_emb\.inv_freq$/,
  build({ build, config: json, answers }) {
    const config = readConfig(configSchema, json);
    const { graph } = build;
    const { ids, mask } = tokenInputs(graph);
    const { hidden_size: width, vocab_size: vocabulary, head_dim: headSize } = config;
    const turned = rotation(graph, ids, rotaryFrequencies(headSize, rotaryBase(config)));
    let hidden = graph.node('Gather', [storedWeight(build, embeddings, [vocabulary, width]), ids]);
    for (let index = 0; index < config.num_hidden_layers; index++) {
      hidden = layer(build, hidden, { config, turned, name: `model.layers.${index}` });
    }
    const last = rmsNorm(build, lastToken(graph, hidden, mask), norm(config, 'model.norm', width));
    logitsOutput(graph, graph.node('MatMul', [last, headOf(build, config, answers)]));
  },
};

const norm = ({ rms_norm_eps: epsilon }: Config, name: string, width: number) => ({ name, size: width, epsilon });

interface Layer {
  config: Config;
  turned: Rotation;
  name: string;
}

function layer(build: Build, hidden: Value, { config, turned, name }: Layer): Value {
  const { graph } = build;
  const { hidden_size: width, intermediate_size: inner } = config;
  const normed = rmsNorm(build, hidden, norm(config, `${name}.input_layernorm`, width));
  const attended = selfAttention(build, normed, { config, turned, name: `${name}.self_attn` });
  const between = graph.node('Add', [hidden, attended]);
  const entered = rmsNorm(build, between, norm(config, `${name}.post_attention_layernorm`, width));
  const parts = ['gate', 'up'].map((part) => ({ name: `${name}.mlp.${part}_proj`, outputs: inner }));
  const joined = joinedLinear(build, entered, { inputs: width, hasBias: false, parts });
  const [gate, up] = split(graph, joined, [inner, inner]) as [Value, Value];
  const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
  const gated = graph.node('Mul', [silu, up]);
  const left = linear(build, gated, { name: `${name}.mlp.down_proj`, inputs: inner, outputs: width, hasBias: false });
  return graph.node('Add', [between, left]);
}

function selfAttention(build: Build, x: Value, { config, turned, name }: Layer): Value {
  const { graph } = build;
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads, head_dim: headSize } = config;
  const sizes = [heads, keyValueHeads, keyValueHeads].map((count) => count * headSize);
  const parts = ['q', 'k', 'v'].map((part, index) => ({
    name: `${name}.${part}_proj`,
    outputs: sizes[index] as number,
  }));
  const joined = joinedLinear(build, x, { inputs: config.hidden_size, hasBias: false, parts });
  const [query, key, value] = split(graph, joined, sizes) as [Value, Value, Value];
  const normed = (part: Value, which: string, count: number): Value => {
    const perHead = graph.node('Reshape', [part, graph.integers([0, 0, count, headSize])]);
    const scaled = rmsNorm(build, perHead, norm(config, `${name}.${which}_norm`, headSize));
    return rotate(graph, graph.node('Reshape', [scaled, graph.integers([0, 0, count * headSize])]), {
      rotation: turned,
      heads: count,
    });
  };
  const attended = attention(
    graph,
    { query: normed(query, 'q', heads), key: normed(key, 'k', keyValueHeads), value },
    { heads, keyValueHeads, headSize, isCausal: true },
  );
  const output = { name: `${name}.o_proj`, inputs: heads * headSize, outputs: config.hidden_size };
  return linear(build, attended, { ...output, hasBias: false });
}

/** The weights of the logit, [hidden size, 1]: the one label's, or those of the answer yes minus those of no. */
function headOf(build: Build, config: Config, answers: ArchitectureInputs['answers']): Value {
  const { hidden_size: width, vocab_size: vocabulary } = config;
  if (config.architectures[0] === 'Qwen3ForSequenceClassification') {
    if (labelCount(config) !== 1) throw new ExportError(`config.json has ${labelCount(config)} labels; one is needed`);
    const column = storedWeight(build, 'score.weight', [1, width]);
    return build.graph.node('Transpose', [column]);
  }
  if (!answers) throw new ExportError('a language model needs the ids of its answers');
  const table = config.tie_word_embeddings ? embeddings : 'lm_head.weight';
  return rowDifference(build, table, { shape: [vocabulary, width], rows: [answers.yes, answers.no] });
}
