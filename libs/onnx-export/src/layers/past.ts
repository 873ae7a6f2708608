import type { Value } from '../onnx/graph';
import type { Build } from './weights';

export interface PastSizes {
  keyValueHeads: number;
  headSize: number;
}

/** Keys and values of one layer, [rows, heads, tokens, head size]. */
export interface KeysAndValues {
  key: Value;
  value: Value;
}

/** What the graph reads of the tokens before all rows of a call, which are the same for each row. */
export interface Past {
  /** Number of earlier tokens, []. */
  tokens: Value;
  /** Adds the inputs of a layer. */
  ofLayer(layer: number): KeysAndValues;
}

/**
 * `past_key_values.<layer>.key` and `.value`, [1, heads, past, head size]: without earlier tokens they are empty. They
 * are repeated for each row and put before the row's own keys, so that sums have the order that they have without a
 * past.
 */
export function pastInputs({ graph, float }: Build, ids: Value, { keyValueHeads, headSize }: PastSizes): Past {
  const rows = graph.node('Shape', [ids], { attributes: { start: 0, end: 1 } });
  const shape = graph.node('Concat', [rows, graph.integers([1, 1, 1])], { attributes: { axis: 0 } });
  const nameOf = (layer: number, part: keyof KeysAndValues) => `past_key_values.${layer}.${part}`;
  const repeated = (layer: number, part: keyof KeysAndValues): Value => {
    const port = { type: float, shape: [1, keyValueHeads, 'past', headSize] } as const;
    return graph.node('Expand', [graph.input({ name: nameOf(layer, part), ...port }), shape]);
  };
  return {
    tokens: graph.node('Gather', [graph.node('Shape', [nameOf(0, 'key') as Value]), graph.integers([2], [])]),
    ofLayer: (layer) => ({ key: repeated(layer, 'key'), value: repeated(layer, 'value') }),
  };
}

/** The outputs `present.<layer>.key` and `.value`: keys and values of earlier and new tokens. */
export function presentOutputs(
  { graph, float }: Build,
  layer: number,
  { present: { key, value }, sizes: { keyValueHeads, headSize } }: { present: KeysAndValues; sizes: PastSizes },
): void {
  for (const [part, values] of [
    ['key', key],
    ['value', value],
  ] as const) {
    graph.output(values, {
      name: `present.${layer}.${part}`,
      type: float,
      shape: ['rows', keyValueHeads, 'past + tokens', headSize],
    });
  }
}
