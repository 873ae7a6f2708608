import type { GraphBuilder, Value } from '../onnx/graph';
import { int8Weight } from './int8-weight';
import type { Build, LinearWeight } from './weights';

/** The integer that stands for zero: activations are unsigned, because only such products have fast kernels. */
const zeroPoint = 128;
const largest = 127;

/**
 * y = x Wᵀ with 8-bit weights and activations, [rows, tokens, in] to [rows, tokens, out]. Each token has a scale
 * of its own, so that its result does not depend on the other tokens of the call, and sums of integers are exact on
 * every processor.
 */
export function int8Linear(build: Build, x: Value, weight: LinearWeight): Value {
  const { graph } = build;
  const { values, scales } = int8Weight(build, weight);
  const tokens = graph.node('Reshape', [x, graph.integers([-1, weight.inputs])]);
  const { integers, tokenScales } = quantizedTokens(graph, tokens);
  const zero = graph.bytes([zeroPoint], []);
  const product = graph.node('MatMulIntegerToFloat', [integers, values, graph.floats([1], []), scales, zero], {
    domain: 'com.microsoft',
  });
  const scaled = graph.node('Mul', [product, tokenScales]);
  const leading = graph.node('Shape', [x], { attributes: { start: 0, end: 2 } });
  return graph.node('Reshape', [
    scaled,
    graph.node('Concat', [leading, graph.integers([weight.outputs])], { attributes: { axis: 0 } }),
  ]);
}

/** Tokens [tokens, in] as unsigned integers with a scale per token, [tokens, 1]. */
function quantizedTokens(graph: GraphBuilder, tokens: Value): { integers: Value; tokenScales: Value } {
  const peaks = graph.node('ReduceMax', [graph.node('Abs', [tokens]), graph.integers([1])]);
  // a token of zeros has a scale too
  const bounded = graph.node('Max', [peaks, graph.floats([1e-9], [])]);
  const tokenScales = graph.node('Mul', [bounded, graph.floats([1 / largest], [])]);
  const vector = graph.node('Squeeze', [tokenScales, graph.integers([1])]);
  const zeros = graph.node('Expand', [graph.bytes([zeroPoint], [1]), graph.node('Shape', [vector])]);
  const integers = graph.node('QuantizeLinear', [tokens, vector, zeros], { attributes: { axis: 0 } });
  return { integers, tokenScales };
}
