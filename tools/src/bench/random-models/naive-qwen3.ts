import {
  createGraph,
  exactly,
  openCheckpoint,
  storedWeight,
  transposedWeight,
  writeModel,
  type Build,
  type Value,
} from '@rerank-fleet/onnx-export';
import { normEpsilon, rotaryBase, type Qwen3Sizes } from './qwen3';

/** Files of the graph in a folder. */
export interface GraphFiles {
  folder: string;
  graph: string;
  data: string;
}

/**
 * Writes a Qwen3 model as public exports have it: plain operators in float32, keys and values repeated for each head,
 * and logits of the whole vocabulary for every token. The weights come from a checkpoint.
 */
export async function writeNaiveQwen3(checkpointFolder: string, sizes: Qwen3Sizes, files: GraphFiles): Promise<void> {
  const checkpoint = await openCheckpoint(checkpointFolder);
  try {
    const build = exactly({ graph: createGraph(), checkpoint });
    buildModel(build, sizes);
    await writeModel(build.graph.graph, files);
  } finally {
    await checkpoint.close();
  }
}

/** Values that all layers share. */
interface Shared {
  sizes: Qwen3Sizes;
  /** Cosines and sines of the positions, [rows, 1, tokens, head size]. */
  cos: Value;
  sin: Value;
  /** 0 where a token sees another one, otherwise a large negative number: [rows, 1, tokens, tokens]. */
  mask: Value;
}

const rowsOfTokens = { type: 'int64', shape: ['rows', 'tokens'] } as const;
const float = { attributes: { to: 1 } };

function buildModel(build: Build, sizes: Qwen3Sizes): void {
  const { graph } = build;
  const { hidden: width, vocabulary, layers } = sizes;
  const ids = graph.input({ name: 'input_ids', ...rowsOfTokens });
  const mask = graph.input({ name: 'attention_mask', ...rowsOfTokens });
  const positions = graph.input({ name: 'position_ids', ...rowsOfTokens });
  const table = storedWeight(build, 'model.embed_tokens.weight', [vocabulary, width]);
  const shared: Shared = { sizes, ...rotation(build, positions, sizes), mask: additiveMask(build, mask) };
  let hidden = graph.node('Gather', [table, ids]);
  for (let index = 0; index < layers; index++) hidden = layer(build, hidden, { shared, name: `model.layers.${index}` });
  const normed = rmsNorm(build, hidden, { name: 'model.norm', width });
  const head = graph.node('Transpose', [table], { attributes: { perm: [1, 0] } });
  const logits = graph.node('MatMul', [normed, head]);
  graph.output(logits, { name: 'logits', type: 'float32', shape: ['rows', 'tokens', vocabulary] });
}

function rotation({ graph }: Build, positions: Value, { headSize }: Qwen3Sizes): { cos: Value; sin: Value } {
  const half = headSize / 2;
  const frequencies = Float32Array.from({ length: half }, (_, index) => rotaryBase ** (-index / half));
  const places = graph.node('Unsqueeze', [graph.node('Cast', [positions], float), graph.integers([1, 3])]);
  const angles = graph.node('Mul', [places, graph.floats(frequencies, [1, 1, 1, half])]);
  const both = graph.node('Concat', [angles, angles], { attributes: { axis: -1 } });
  return { cos: graph.node('Cos', [both]), sin: graph.node('Sin', [both]) };
}

/** A token sees itself and the real tokens before it. */
function additiveMask({ graph }: Build, mask: Value): Value {
  const tokens = graph.node('Gather', [graph.node('Shape', [mask]), graph.integers([1], [])]);
  const range = graph.node('Range', [graph.integers([0], []), tokens, graph.integers([1], [])]);
  const column = graph.node('Unsqueeze', [range, graph.integers([1])]);
  const isEarlier = graph.node('LessOrEqual', [graph.node('Unsqueeze', [range, graph.integers([0])]), column]);
  const isReal = graph.node('Unsqueeze', [
    graph.node('Cast', [mask], { attributes: { to: 9 } }),
    graph.integers([1, 2]),
  ]);
  const isSeen = graph.node('And', [graph.node('Unsqueeze', [isEarlier, graph.integers([0, 1])]), isReal]);
  return graph.node('Where', [isSeen, graph.floats([0], []), graph.floats([-3.4e38], [])]);
}

interface Layer {
  shared: Shared;
  name: string;
}

/** h = h + attention(norm(h)); h = h + down(silu(gate(norm(h))) · up(norm(h))) */
function layer(build: Build, hidden: Value, { shared, name }: Layer): Value {
  const { graph } = build;
  const { hidden: width, inner } = shared.sizes;
  const normed = rmsNorm(build, hidden, { name: `${name}.input_layernorm`, width });
  const between = graph.node('Add', [hidden, attention(build, normed, { shared, name: `${name}.self_attn` })]);
  const entered = rmsNorm(build, between, { name: `${name}.post_attention_layernorm`, width });
  const [gate, up] = ['gate', 'up'].map((part) =>
    linear(build, entered, { name: `${name}.mlp.${part}_proj`, inputs: width, outputs: inner }),
  ) as [Value, Value];
  const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
  const gated = graph.node('Mul', [silu, up]);
  const down = linear(build, gated, { name: `${name}.mlp.down_proj`, inputs: inner, outputs: width });
  return graph.node('Add', [between, down]);
}

function attention(build: Build, x: Value, { shared, name }: Layer): Value {
  const { graph } = build;
  const { hidden: width, heads, keyValueHeads, headSize } = shared.sizes;
  const projected = (part: string, count: number): Value => {
    const flat = linear(build, x, { name: `${name}.${part}_proj`, inputs: width, outputs: count * headSize });
    return graph.node('Reshape', [flat, graph.integers([0, 0, count, headSize])]);
  };
  const turned = (part: string, count: number): Value => {
    const normed = rmsNorm(build, projected(part, count), { name: `${name}.${part}_norm`, width: headSize });
    return rotate(build, swapped(build, normed), shared);
  };
  const query = turned('q', heads);
  const key = repeated(build, turned('k', keyValueHeads), shared.sizes);
  const value = repeated(build, swapped(build, projected('v', keyValueHeads)), shared.sizes);
  const products = graph.node('MatMul', [
    query,
    graph.node('Transpose', [key], { attributes: { perm: [0, 1, 3, 2] } }),
  ]);
  const scaled = graph.node('Mul', [products, graph.floats([1 / Math.sqrt(headSize)], [])]);
  const shares = graph.node('Softmax', [graph.node('Add', [scaled, shared.mask])], { attributes: { axis: -1 } });
  const attended = swapped(build, graph.node('MatMul', [shares, value]));
  const joined = graph.node('Reshape', [attended, graph.integers([0, 0, heads * headSize])]);
  return linear(build, joined, { name: `${name}.o_proj`, inputs: heads * headSize, outputs: width });
}

/** Exchanges tokens and heads. */
const swapped = ({ graph }: Build, x: Value): Value =>
  graph.node('Transpose', [x], { attributes: { perm: [0, 2, 1, 3] } });

/** x · cos + (the halves exchanged, the first one negative) · sin */
function rotate({ graph }: Build, x: Value, { cos, sin, sizes: { headSize } }: Shared): Value {
  const half = headSize / 2;
  const slice = (from: number, to: number) =>
    graph.node('Slice', [x, graph.integers([from]), graph.integers([to]), graph.integers([-1])]);
  const exchanged = graph.node('Concat', [graph.node('Neg', [slice(half, headSize)]), slice(0, half)], {
    attributes: { axis: -1 },
  });
  return graph.node('Add', [graph.node('Mul', [x, cos]), graph.node('Mul', [exchanged, sin])]);
}

/** Keys or values, [rows, heads of keys, tokens, head size], once for each head of queries. */
function repeated({ graph }: Build, x: Value, { heads, keyValueHeads }: Qwen3Sizes): Value {
  const times = graph.integers([1, 1, heads / keyValueHeads, 1, 1]);
  const expanded = graph.node('Expand', [graph.node('Unsqueeze', [x, graph.integers([2])]), times]);
  const shape = graph.node('Shape', [x]);
  const part = (from: number, to: number) =>
    graph.node('Slice', [shape, graph.integers([from]), graph.integers([to]), graph.integers([0])]);
  const wanted = graph.node('Concat', [part(0, 1), graph.integers([heads]), part(2, 4)], { attributes: { axis: 0 } });
  return graph.node('Reshape', [expanded, wanted]);
}

function linear(
  build: Build,
  x: Value,
  { name, inputs, outputs }: { name: string; inputs: number; outputs: number },
): Value {
  return build.graph.node('MatMul', [x, transposedWeight(build, { name: `${name}.weight`, inputs, outputs })]);
}

/** x / √(mean of x² + epsilon) · w over the last axis */
function rmsNorm(build: Build, x: Value, { name, width }: { name: string; width: number }): Value {
  const { graph } = build;
  const mean = graph.node('ReduceMean', [graph.node('Pow', [x, graph.floats([2], [])]), graph.integers([-1])], {
    attributes: { keepdims: 1 },
  });
  const root = graph.node('Sqrt', [graph.node('Add', [mean, graph.floats([normEpsilon], [])])]);
  return graph.node('Mul', [graph.node('Div', [x, root]), storedWeight(build, `${name}.weight`, [width])]);
}
