import type { Value } from '../onnx/graph';
import { int8Linear } from './int8-linear';
import { joinedVector, transposedWeight, type Build, type LinearShape } from './weights';

export interface LinearOptions {
  name: string;
  inputs: number;
  outputs: number;
  hasBias?: boolean;
}

/** y = x Wᵀ + b over the last axis, from `<name>.weight` and `<name>.bias`. */
export function linear(build: Build, x: Value, options: LinearOptions): Value {
  const { name, inputs, outputs, hasBias = true } = options;
  return joinedLinear(build, x, { inputs, hasBias, parts: [{ name, outputs }] });
}

/** Linear layers with the same input, by their names. */
interface Layers {
  layers: readonly string[];
  shape: LinearShape;
}

function multiply(build: Build, x: Value, { layers, shape }: Layers): Value {
  const [first = ''] = layers;
  const names = layers.map((name) => `${name}.weight`);
  const exact = () => build.graph.node('MatMul', [x, transposedWeight(build, names, shape)]);
  const precision = build.precisionOf(first);
  switch (precision) {
    case 'fp32':
      return exact();
    case 'int8':
      return int8Linear(build, x, { names, shape });
    case 'compared': {
      const product = exact();
      relativeError(build, first, { product, approximate: int8Linear(build, x, { names, shape }) });
      return product;
    }
    default:
      return precision satisfies never;
  }
}

/** Names of the outputs with the errors of `compared` layers begin with this. */
export const errorOutput = 'error of ';

/** Adds an output for a layer: the root mean square of its error over that of its values. */
function relativeError(
  { graph }: Build,
  layer: string,
  { product, approximate }: { product: Value; approximate: Value },
): void {
  const power = (of: Value) => graph.node('ReduceMean', [graph.node('Mul', [of, of])], { attributes: { keepdims: 0 } });
  const error = power(graph.node('Sub', [product, approximate]));
  const ratio = graph.node('Sqrt', [graph.node('Div', [error, power(product)])]);
  graph.output(ratio, { name: `${errorOutput}${layer}`, type: 'float32', shape: [] });
}

/** Linear layers with the same input as one multiplication: their outputs side by side. */
export function joinedLinear(
  build: Build,
  x: Value,
  options: { inputs: number; hasBias: boolean; parts: readonly { name: string; outputs: number }[] },
): Value {
  const { inputs, hasBias, parts } = options;
  const outputs = parts.map((part) => part.outputs);
  const layers = parts.map(({ name }) => name);
  const product = multiply(build, x, { layers, shape: { inputs, outputs } });
  if (!hasBias) return product;
  const bias = joinedVector(
    build,
    parts.map(({ name }) => `${name}.bias`),
    outputs,
  );
  return build.graph.node('Add', [product, bias]);
}
