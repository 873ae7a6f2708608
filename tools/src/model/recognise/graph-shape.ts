import type { Refused, Result } from '@rerank-fleet/contract';
import type { CacheNames, CausalYesNoManifest, SequenceClassificationManifest } from '@rerank-fleet/scoring';
import type { GraphValue, OnnxGraph } from '../onnx/read-graph';
import type { ModelConfig } from './model-config';

/** The head of a model with its inputs and outputs, derived from the graph. */
export type GraphShape =
  | (Pick<SequenceClassificationManifest, 'head' | 'inputs' | 'outputs'> & { cache?: CacheNames })
  | (Pick<CausalYesNoManifest, 'head' | 'inputs' | 'outputs'> & { cache?: CacheNames; vocabularySize: number });

/** Whether the graph accepts only one row per call. */
export const takesOneRow = ({ inputs }: OnnxGraph): boolean =>
  inputs.some(({ name, dims }) => idInputs.includes(name) && dims[0] === 1);

export type ShapeResult = Result<{ shape: GraphShape }, { reason: string }>;

export const refused = (reason: string): Refused<{ reason: string }> => ({ ok: false, reason });

const idInputs = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];
const pastName = /^past_key_values\.(\d+)\.(key|value)$/;
/** Output names of embedding models. */
const vectorOutputs = ['last_hidden_state', 'sentence_embedding', 'token_embeddings', 'pooler_output', 'embeddings'];
const operatorDomains = ['com.microsoft', 'ai.onnx.ml'];

/**
 * Recognises a cross-encoder or a causal language model, with or without a key-value cache. `reason` names the input,
 * output or node that is not supported.
 */
export function graphShape(graph: OnnxGraph, config: ModelConfig): ShapeResult {
  const unsupported = unsupportedOperator(graph) ?? unsupportedInput(graph);
  if (unsupported !== undefined) return refused(unsupported);
  const logits = graph.outputs.find(({ name }) => name === 'logits');
  if (logits === undefined) return refused(noLogits(graph.outputs));
  if (logits.type !== 'float32' && logits.type !== 'float16') {
    return refused(`the output logits is of the type ${logits.type}, not float32 or float16`);
  }
  const shape = shapeOf(graph, logits, config);
  if (!shape.ok) return shape;
  const fault = fixedAxis(graph) ?? endsInScores(graph, shape.shape.head);
  return fault === undefined ? shape : refused(fault);
}

function shapeOf(graph: OnnxGraph, logits: GraphValue, config: ModelConfig): ShapeResult {
  switch (logits.dims.length) {
    case 2:
      return classifier(graph, logits, config);
    case 3:
      return causal(graph, logits, config);
    default:
      return refused(`the output logits has the shape [${logits.dims.join(', ')}], which no reranker has`);
  }
}

function unsupportedOperator({ operators }: OnnxGraph): string | undefined {
  const custom = Object.keys(operators).find(
    (name) => name.includes(':') && !operatorDomains.includes(name.slice(0, name.lastIndexOf(':'))),
  );
  return custom === undefined ? undefined : `the node ${custom} is a custom operator, which is not supported`;
}

function unsupportedInput({ inputs }: OnnxGraph): string | undefined {
  const lacking = ['input_ids', 'attention_mask'].filter((wanted) => !inputs.some(({ name }) => name === wanted));
  const names = inputs.map(({ name }) => name).join(', ');
  if (lacking.length > 0) return `it has the inputs ${names}, and lacks ${lacking.join(', ')}`;
  const unknown = inputs.find(({ name }) => !idInputs.includes(name) && !pastName.test(name));
  if (unknown !== undefined) return `the input ${unknown.name} is not supported by this version`;
  const wrong = inputs.find(({ name, type }) => idInputs.includes(name) && type !== 'int64');
  return wrong && `the input ${wrong.name} is of the type ${wrong.type}, not int64`;
}

const isFed = (name: string): boolean => idInputs.includes(name) || pastName.test(name);

/** Refuses inputs with a fixed number of rows or tokens. A fixed number of one row is allowed. */
function fixedAxis({ inputs }: OnnxGraph): string | undefined {
  for (const { name, dims } of inputs.filter((input) => isFed(input.name))) {
    const isPast = pastName.test(name);
    if (dims.length !== (isPast ? 4 : 2)) return `the input ${name} has the shape [${dims.join(', ')}]`;
    const [rows, tokens] = [dims[0], dims[isPast ? 2 : 1]].map(sizeOf);
    const open = 'export it with an open axis';
    if (rows !== undefined && rows !== 1) return `the input ${name} takes exactly ${rows} rows per call: ${open}`;
    if (tokens !== undefined) return `the input ${name} takes exactly ${tokens} tokens per row: ${open}`;
  }
  return undefined;
}

/** The fixed size of an axis. Exporters write a dynamic axis as a name, and some as -1. */
function sizeOf(dimension: number | string | undefined): number | undefined {
  return typeof dimension === 'number' && Number.isSafeInteger(dimension) ? dimension : undefined;
}

/**
 * Refuses a graph that ends in a sigmoid or softmax: the server would apply the sigmoid to it again. A log-softmax of a
 * language model is allowed, because only the difference of two logits is used.
 */
function endsInScores({ producers }: OnnxGraph, head: GraphShape['head']): string | undefined {
  const producer = producers['logits'] ?? '';
  const scores = ['Sigmoid', 'HardSigmoid', 'Softmax', ...(head === 'causal-yes-no' ? [] : ['LogSoftmax'])];
  if (!scores.includes(producer)) return undefined;
  return `the output logits comes from a ${producer}: it outputs scores, and the server would apply the sigmoid again; export it without`;
}

function noLogits(outputs: readonly GraphValue[]): string {
  const names = outputs.map(({ name }) => name).join(', ');
  const isEmbedder = outputs.some(({ name }) => vectorOutputs.includes(name));
  const hint = isEmbedder ? ': it is an embedding model, not a reranker' : ', and lacks logits';
  return `it has the outputs ${names}${hint}`;
}

const nameOf = ({ inputs }: OnnxGraph, name: string): string | undefined =>
  inputs.some((input) => input.name === name) ? name : undefined;

function classifier(graph: OnnxGraph, logits: GraphValue, config: ModelConfig): ShapeResult {
  const [, labels] = logits.dims;
  if (typeof labels === 'number' && labels !== 1) {
    return refused(
      `the output logits has ${labels} labels, a reranker has one: it classifies and does not score relevance`,
    );
  }
  const tokenTypeIds = nameOf(graph, 'token_type_ids');
  const positionIds = nameOf(graph, 'position_ids');
  const inputs = {
    inputIds: 'input_ids',
    attentionMask: 'attention_mask',
    ...(tokenTypeIds !== undefined && { tokenTypeIds }),
    ...(positionIds !== undefined && { positionIds }),
  };
  const shape = { head: 'sequence-classification' as const, inputs, outputs: { logits: 'logits' } };
  return withCache(shape, graph, config);
}

function causal(graph: OnnxGraph, logits: GraphValue, config: ModelConfig): ShapeResult {
  if (nameOf(graph, 'token_type_ids') !== undefined) {
    return refused('a causal language model has no input token_type_ids');
  }
  const width = logits.dims[2];
  const vocabularySize = typeof width === 'number' ? width : config.vocab_size;
  const positionIds = nameOf(graph, 'position_ids');
  const inputs = {
    inputIds: 'input_ids',
    attentionMask: 'attention_mask',
    ...(positionIds !== undefined && { positionIds }),
  };
  const shape = { head: 'causal-yes-no' as const, inputs, outputs: { logits: 'logits' }, vocabularySize };
  return withCache(shape, graph, config);
}

/** Adds the keys and values that a graph takes. */
function withCache(shape: GraphShape, graph: OnnxGraph, config: ModelConfig): ShapeResult {
  if (!graph.inputs.some(({ name }) => pastName.test(name))) return { ok: true, shape };
  const found = cacheOf(graph, config);
  return found.ok ? { ok: true, shape: { ...shape, cache: found.cache } } : found;
}

function cacheOf(graph: OnnxGraph, config: ModelConfig): Result<{ cache: CacheNames }, { reason: string }> {
  const past = graph.inputs.filter(({ name }) => pastName.test(name));
  const layers = past.length / 2;
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['key', 'value']) {
      const input = `past_key_values.${layer}.${part}`;
      const output = `present.${layer}.${part}`;
      if (!past.some(({ name }) => name === input)) return refused(`the input ${input} is missing among its layers`);
      if (!graph.outputs.some(({ name }) => name === output)) return refused(`the output ${output} is missing`);
    }
  }
  const first = past[0] as GraphValue;
  const { type: dtype } = first;
  if (dtype !== 'float32' && dtype !== 'float16') return refused(`the input ${first.name} is of the type ${dtype}`);
  const keyValueHeads = sizeOr(first.dims[1], config.num_key_value_heads ?? config.num_attention_heads);
  const headSize = sizeOr(first.dims[3], headSizeOf(config));
  if (keyValueHeads === undefined || headSize === undefined) {
    return refused(
      `the input ${first.name} has the shape [${first.dims.join(', ')}], without the number of heads and their size`,
    );
  }
  const cache = {
    pastKey: 'past_key_values.{layer}.key',
    pastValue: 'past_key_values.{layer}.value',
    presentKey: 'present.{layer}.key',
    presentValue: 'present.{layer}.value',
    layers,
    keyValueHeads,
    headSize,
    dtype,
    oneRow: Object.keys(graph.operators).includes('com.microsoft:GroupQueryAttention'),
    // where the rows are open, one row of earlier tokens is for all of them
    ...(first.dims[0] === 1 && !takesOneRow(graph) && { sharesPast: true }),
  } as const;
  return { ok: true, cache };
}

function sizeOr(dimension: number | string | undefined, otherwise: number | null | undefined): number | undefined {
  return typeof dimension === 'number' ? dimension : (otherwise ?? undefined);
}

function headSizeOf({ head_dim: headSize, hidden_size: hidden, num_attention_heads: heads }: ModelConfig) {
  return headSize ?? (hidden != null && heads != null ? hidden / heads : undefined);
}
