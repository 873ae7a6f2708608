import type { GraphBuilder, Value } from '../onnx/graph';
import type { KeysAndValues } from './past';

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
  /** Keys and values of earlier tokens, [rows, heads, past, head size]. Not together with `lengths`. */
  past?: KeysAndValues;
}

/** softmax(q kᵀ / √head size, over the real tokens) v per head. Heads of queries share heads of keys in groups. */
export function attention(graph: GraphBuilder, inputs: AttentionInputs, options: AttentionOptions): Value {
  return attend(graph, inputs, { ...options, outputs: 1 })[0] as Value;
}

/** As {@link attention}, with the keys and values of earlier and new tokens. */
export function continuedAttention(
  graph: GraphBuilder,
  inputs: AttentionInputs,
  options: AttentionOptions,
): { attended: Value; present: KeysAndValues } {
  const [attended, key, value] = attend(graph, inputs, { ...options, outputs: 3 }) as [Value, Value, Value];
  return { attended, present: { key, value } };
}

function attend(
  graph: GraphBuilder,
  inputs: AttentionInputs,
  { outputs, ...options }: AttentionOptions & { outputs: number },
): Value[] {
  const { heads, keyValueHeads, headSize, isCausal, lengths, past } = options;
  // onnxruntime infers a wrong shape for the result where it does not know these sizes, as behind 8-bit layers
  const sized = (value: Value, count: number) =>
    graph.node('Reshape', [value, graph.integers([0, 0, count * headSize])]);
  const query = sized(inputs.query, heads);
  const [key, value] = [inputs.key, inputs.value].map((one) => sized(one, keyValueHeads));
  return graph.nodes('Attention', [query, key, value, undefined, past?.key, past?.value, lengths], {
    count: outputs,
    attributes: {
      q_num_heads: heads,
      kv_num_heads: keyValueHeads,
      scale: { float: 1 / Math.sqrt(headSize) },
      is_causal: isCausal ? 1 : 0,
    },
  });
}
