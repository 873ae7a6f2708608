import type { GraphBuilder, Value } from '../onnx/graph';

/** Queries, keys and values as [rows, tokens, heads x head size], side by side. */
export interface AttentionInputs {
  query: Value;
  key: Value;
  value: Value;
}

export interface AttentionOptions {
  heads: number;
  keyValueHeads: number;
  headSize: number;
  /** true: a token sees only itself and earlier tokens. */
  isCausal: boolean;
  /** Number of real tokens of each row, [rows]: no token sees the padding behind them. */
  lengths?: Value;
}

/** Optional inputs of the operator: a mask, and keys and values of earlier tokens. */
const absent = [undefined, undefined, undefined];

/** softmax(q kᵀ / √head size, over the real tokens) v per head. Heads of queries share heads of keys in groups. */
export function attention(graph: GraphBuilder, inputs: AttentionInputs, options: AttentionOptions): Value {
  const { heads, keyValueHeads, headSize, isCausal, lengths } = options;
  // onnxruntime infers a wrong shape for the result where it does not know these sizes, as behind 8-bit layers
  const sized = (value: Value, count: number) =>
    graph.node('Reshape', [value, graph.integers([0, 0, count * headSize])]);
  const query = sized(inputs.query, heads);
  const [key, value] = [inputs.key, inputs.value].map((one) => sized(one, keyValueHeads));
  return graph.node('Attention', [query, key, value, ...absent, lengths], {
    attributes: {
      q_num_heads: heads,
      kv_num_heads: keyValueHeads,
      scale: { float: 1 / Math.sqrt(headSize) },
      is_causal: isCausal ? 1 : 0,
    },
  });
}

/** The parts of a joined projection, [rows, tokens, sum of sizes]. */
export function split(graph: GraphBuilder, joined: Value, sizes: readonly number[]): Value[] {
  return graph.nodes('Split', [joined, graph.integers(sizes)], { attributes: { axis: -1 }, count: sizes.length });
}
