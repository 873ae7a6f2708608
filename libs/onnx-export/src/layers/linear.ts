import type { Value } from '../onnx/graph';
import { int8Linear } from './int8-linear';
import { q4Linear } from './q4-linear';
import { observeError, observeRange } from './observe';
import { joinedVector, transposedWeight, type Build, type LinearShape, type Precision } from './weights';

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

/** The product with the weights of the layers. What is observed of it becomes an output more. */
function multiply(build: Build, x: Value, layers: Layers): Value {
  const [first = ''] = layers.layers;
  const product = multiplied(build, x, { ...layers, precision: build.precisionOf(first) });
  const { observed } = build;
  if (observed === 'range') observeRange(build, first, [x, product]);
  else if (observed) {
    observeError(build, first, { product, approximate: multiplied(build, x, { ...layers, precision: observed }) });
  }
  return product;
}

function multiplied(build: Build, x: Value, { layers, shape, precision }: Layers & { precision: Precision }): Value {
  const names = layers.map((name) => `${name}.weight`);
  switch (precision) {
    case 'fp32':
    case 'fp16':
      return build.graph.node('MatMul', [x, transposedWeight(build, names, shape)]);
    case 'int8':
      return int8Linear(build, x, { names, shape });
    case 'q4':
      return q4Linear(build, x, { names, shape });
    default:
      return precision satisfies never;
  }
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
