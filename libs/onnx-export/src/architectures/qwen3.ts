import { z } from 'zod';
import { continuedAttention } from '../layers/attention';
import { lastPlaces, logitsOutput, tokenInputs, tokensAt } from '../layers/inputs';
import { linear } from '../layers/linear';
import { rmsNorm } from '../layers/normalization';
import { pastInputs, presentOutputs, type KeysAndValues } from '../layers/past';
import { rotate, rotaryFrequencies, rotation, type Rotation } from '../layers/rotary';
import { converted, embeddingRows, exactly, rowDifference, storedWeight, type Build } from '../layers/weights';
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
  // a table of frequencies is made of it before any tensor is looked at
  head_dim: size.multipleOf(2).max(65_536).default(128),
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
    const { ids, mask } = tokenInputs(graph, 'past + tokens');
    const { hidden_size: width, vocab_size: vocabulary, head_dim: headSize } = config;
    const sizes = { keyValueHeads: config.num_key_value_heads, headSize };
    const past = pastInputs(build, ids, sizes);
    const turned = rotation(build, ids, {
      frequencies: rotaryFrequencies(headSize, rotaryBase(config)),
      first: past.tokens,
    });
    const last = lastPlaces(graph, mask, past.tokens);
    let hidden = embeddingRows(build, { name: embeddings, shape: [vocabulary, width] }, ids);
    for (let index = 0; index < config.num_hidden_layers; index++) {
      const isLast = index === config.num_hidden_layers - 1;
      const options = {
        config,
        turned,
        earlier: past.ofLayer(index),
        name: `model.layers.${index}`,
        ...(isLast && { only: last }),
      };
      const { left, present } = layer(build, hidden, options);
      presentOutputs(build, index, { present, sizes });
      hidden = left;
    }
    const head = exactly(build);
    const read = converted(graph, graph.node('Squeeze', [hidden, graph.integers([1])]), [build.float, 'float32']);
    const normed = rmsNorm(head, read, norm(config, 'model.norm', width));
    logitsOutput(graph, graph.node('MatMul', [normed, headOf(head, config, answers)]));
  },
};

const norm = ({ rms_norm_eps: epsilon }: Config, name: string, width: number) => ({ name, size: width, epsilon });

interface Layer {
  config: Config;
  turned: Rotation;
  /** Keys and values of earlier tokens. */
  earlier: KeysAndValues;
  name: string;
  /** The place of the only token per row whose result is read, [rows, 1]. Attention is computed for all tokens. */
  only?: Value;
}

function layer(build: Build, hidden: Value, options: Layer): { left: Value; present: KeysAndValues } {
  const { config, name, only } = options;
  const { graph } = build;
  const { hidden_size: width, intermediate_size: inner } = config;
  const normed = rmsNorm(build, hidden, norm(config, `${name}.input_layernorm`, width));
  const { attended, present } = selfAttention(build, normed, { ...options, name: `${name}.self_attn` });
  const between = graph.node('Add', [only ? tokensAt(graph, hidden, only) : hidden, attended]);
  const entered = rmsNorm(build, between, norm(config, `${name}.post_attention_layernorm`, width));
  // not joined: cutting the result apart costs more than one multiplication instead of two saves
  const mlp = (from: Value, part: string, [inputs, outputs]: [number, number]) =>
    linear(build, from, { name: `${name}.mlp.${part}_proj`, inputs, outputs, hasBias: false });
  const gate = mlp(entered, 'gate', [width, inner]);
  const up = mlp(entered, 'up', [width, inner]);
  const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
  const gated = graph.node('Mul', [silu, up]);
  const down = mlp(gated, 'down', [inner, width]);
  return { left: graph.node('Add', [between, down]), present };
}

function selfAttention(
  build: Build,
  x: Value,
  { config, turned, earlier: past, name, only }: Layer,
): { attended: Value; present: KeysAndValues } {
  const { graph } = build;
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads, head_dim: headSize } = config;
  const project = (from: Value, part: string, count: number) =>
    linear(build, from, {
      ...{ name: `${name}.${part}_proj`, inputs: config.hidden_size, outputs: count * headSize },
      hasBias: false,
    });
  const query = project(x, 'q', heads);
  const key = project(x, 'k', keyValueHeads);
  const value = project(x, 'v', keyValueHeads);
  const normed = (part: Value, which: string, count: number): Value => {
    const perHead = graph.node('Reshape', [part, graph.integers([0, 0, count, headSize])]);
    const scaled = rmsNorm(build, perHead, norm(config, `${name}.${which}_norm`, headSize));
    return rotate(graph, graph.node('Reshape', [scaled, graph.integers([0, 0, count * headSize])]), {
      rotation: turned,
      heads: count,
    });
  };
  const { attended, present } = continuedAttention(
    graph,
    { query: normed(query, 'q', heads), key: normed(key, 'k', keyValueHeads), value },
    { heads, keyValueHeads, headSize, isCausal: true, past },
  );
  const output = { name: `${name}.o_proj`, inputs: heads * headSize, outputs: config.hidden_size };
  const read = only ? tokensAt(graph, attended, only) : attended;
  return { attended: linear(build, read, { ...output, hasBias: false }), present };
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
