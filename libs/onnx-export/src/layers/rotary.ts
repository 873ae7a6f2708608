import type { GraphBuilder, Value } from '../onnx/graph';
import { converted, type Build } from './weights';

/** Cosines and sines of the angles of all tokens, [tokens, head size / 2], and their rows there, [rows, tokens]. */
export interface Rotation {
  cos: Value;
  sin: Value;
  positions: Value;
}

/** Frequencies of rotary embeddings: base^(-2i / head size). */
export function rotaryFrequencies(headSize: number, base: number): Float32Array {
  return Float32Array.from({ length: headSize / 2 }, (_, index) => base ** ((-2 * index) / headSize));
}

/** The angles position · frequency for the positions of the tokens after `first` others, computed once per call. */
export function rotation(
  { graph, float }: Build,
  ids: Value,
  { frequencies, first }: { frequencies: Float32Array; first: Value },
): Rotation {
  const shape = graph.node('Shape', [ids]);
  const tokens = graph.node('Gather', [shape, graph.integers([1], [])]);
  const range = graph.node('Range', [graph.integers([0], []), tokens, graph.integers([1], [])]);
  const places = graph.node('Add', [range, first]);
  const column = graph.node('Cast', [graph.node('Unsqueeze', [places, graph.integers([1])])], {
    attributes: { to: 1 },
  });
  const angles = graph.node('Mul', [column, graph.floats(frequencies, [1, frequencies.length])]);
  const typed = (value: Value) => converted(graph, value, ['float32', float]);
  return {
    cos: typed(graph.node('Cos', [angles])),
    sin: typed(graph.node('Sin', [angles])),
    positions: graph.node('Expand', [range, shape]),
  };
}

/** Rotates the halves of each head: (x1 cos - x2 sin, x2 cos + x1 sin). */
export function rotate(
  graph: GraphBuilder,
  x: Value,
  { rotation, heads }: { rotation: Rotation; heads: number },
): Value {
  const { cos, sin, positions } = rotation;
  return graph.node('RotaryEmbedding', [x, cos, sin, positions], { attributes: { num_heads: heads, interleaved: 0 } });
}
