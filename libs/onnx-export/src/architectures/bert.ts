import { z } from 'zod';
import { attention } from '../layers/attention';
import { firstToken, logitsOutput, rowLengths, tokenInputs, tokenTypeInput } from '../layers/inputs';
import { linear } from '../layers/linear';
import { layerNorm } from '../layers/normalization';
import { embeddingRows, exactly, type Build } from '../layers/weights';
import type { GraphBuilder, Value } from '../onnx/graph';
import { ExportError } from '../errors/export-error';
import type { Architecture } from './architecture';
import { labelCount, labelFields, onlyIfPresent, readConfig, size } from './config';

const configSchema = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  vocab_size: size,
  type_vocab_size: size,
  max_position_embeddings: size,
  pad_token_id: z.number().int().nonnegative().nullish(),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: onlyIfPresent('absolute'),
  is_decoder: onlyIfPresent(false),
  ...labelFields.shape,
});
type Config = z.infer<typeof configSchema>;

/** The numbers 0, 1, 2, ... that old checkpoints have as a tensor. */
const positionBuffer = /\.embeddings\.position_ids$/;

/** BERT: embeddings of words, positions and types, layers with a norm after each part, a pooler and a classifier. */
export const bert: Architecture = {
  names: ['BertForSequenceClassification'],
  unneeded: positionBuffer,
  build({ build, config: json }) {
    const config = readConfig(configSchema, json);
    const { graph } = build;
    const head = exactly(build);
    const { ids, mask } = tokenInputs(graph);
    const types = tokenTypeInput(graph);
    const positions = graph.node('Range', [graph.integers([0], []), tokenCount(graph, ids), graph.integers([1], [])]);
    const hidden = encode(build, config, { ids, mask, types, positions, name: 'bert' });
    const pooled = linear(head, firstToken(build, hidden), square(config, 'bert.pooler.dense'));
    classify(head, graph.node('Tanh', [pooled]), { name: 'classifier', config });
  },
};

/** RoBERTa and XLM-RoBERTa: as BERT, but positions begin after the padding id, and the head has no pooler. */
export const roberta: Architecture = {
  names: ['RobertaForSequenceClassification', 'XLMRobertaForSequenceClassification'],
  // the head has dense layers of its own
  unneeded: new RegExp(`${positionBuffer.source}|^roberta\\.pooler\\.`),
  build({ build, config: json }) {
    const config = readConfig(configSchema, json);
    const { graph } = build;
    const head = exactly(build);
    const { ids, mask } = tokenInputs(graph);
    const types = graph.node('Mul', [ids, graph.integers([0], [])]);
    const positions = positionsAfterPadding(graph, ids, config.pad_token_id ?? 1);
    const hidden = encode(build, config, { ids, mask, types, positions, name: 'roberta' });
    const dense = linear(head, firstToken(build, hidden), square(config, 'classifier.dense'));
    classify(head, graph.node('Tanh', [dense]), { name: 'classifier.out_proj', config });
  },
};

function tokenCount(graph: GraphBuilder, ids: Value): Value {
  return graph.node('Gather', [graph.node('Shape', [ids]), graph.integers([1], [])]);
}

/** padding id + 1, + 2, ... counted over the ids that are not the padding id, which itself has its own position. */
function positionsAfterPadding(graph: GraphBuilder, ids: Value, paddingId: number): Value {
  const padding = graph.integers([paddingId], []);
  const isReal = graph.node('Not', [graph.node('Equal', [ids, padding])]);
  const real = graph.node('Cast', [isReal], { attributes: { to: 7 } });
  const counted = graph.node('CumSum', [real, graph.integers([1], [])]);
  return graph.node('Add', [graph.node('Mul', [counted, real]), padding]);
}

interface EncoderInputs {
  ids: Value;
  mask: Value;
  types: Value;
  positions: Value;
  /** First part of the names of all tensors. */
  name: string;
}

function encode(build: Build, config: Config, inputs: EncoderInputs): Value {
  const { graph } = build;
  const { name, ids, types, positions } = inputs;
  const rows = {
    word: config.vocab_size,
    position: config.max_position_embeddings,
    token_type: config.type_vocab_size,
  };
  const embedded = (table: keyof typeof rows, index: Value): Value => {
    const shape = [rows[table], config.hidden_size];
    return embeddingRows(build, { name: `${name}.embeddings.${table}_embeddings.weight`, shape }, index);
  };
  const words = graph.node('Add', [embedded('word', ids), embedded('token_type', types)]);
  const placed = graph.node('Add', [words, embedded('position', positions)]);
  let hidden = layerNorm(build, placed, norm(config, `${name}.embeddings.LayerNorm`));
  const lengths = rowLengths(graph, inputs.mask);
  for (let index = 0; index < config.num_hidden_layers; index++) {
    hidden = layer(build, hidden, { config, lengths, name: `${name}.encoder.layer.${index}` });
  }
  return hidden;
}

const norm = ({ hidden_size: width, layer_norm_eps: epsilon }: Config, name: string) => ({
  name,
  size: width,
  epsilon,
});
const square = ({ hidden_size: width }: Config, name: string) => ({ name, inputs: width, outputs: width });

/** h = norm(h + dense(attention)); h = norm(h + W2 gelu(W1 h)) */
function layer(
  build: Build,
  hidden: Value,
  { config, lengths, name }: { config: Config; lengths: Value; name: string },
): Value {
  const { graph } = build;
  const { hidden_size: width, intermediate_size: inner, num_attention_heads: heads } = config;
  if (width % heads !== 0) throw new ExportError('config.json: hidden_size is not a multiple of num_attention_heads');
  const [query, key, value] = ['query', 'key', 'value'].map((part) =>
    linear(build, hidden, square(config, `${name}.attention.self.${part}`)),
  ) as [Value, Value, Value];
  const attended = attention(
    graph,
    { query, key, value },
    { heads, keyValueHeads: heads, headSize: width / heads, isCausal: false, lengths },
  );
  const dense = linear(build, attended, square(config, `${name}.attention.output.dense`));
  const attendedSum = graph.node('Add', [hidden, dense]);
  const between = layerNorm(build, attendedSum, norm(config, `${name}.attention.output.LayerNorm`));
  const wide = linear(build, between, { name: `${name}.intermediate.dense`, inputs: width, outputs: inner });
  const active = graph.node('Gelu', [wide], { attributes: { approximate: 'none' } });
  const narrow = linear(build, active, { name: `${name}.output.dense`, inputs: inner, outputs: width });
  return layerNorm(build, graph.node('Add', [between, narrow]), norm(config, `${name}.output.LayerNorm`));
}

function classify(build: Build, pooled: Value, { name, config }: { name: string; config: Config }): void {
  if (labelCount(config) !== 1) throw new ExportError(`config.json has ${labelCount(config)} labels; one is needed`);
  logitsOutput(build.graph, linear(build, pooled, { name, inputs: config.hidden_size, outputs: 1 }));
}
