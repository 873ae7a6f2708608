import type { Value } from '../onnx/graph';
import { joinedVector, transposedWeight, type Build } from './weights';

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

/** Linear layers with the same input as one multiplication: their outputs side by side. */
export function joinedLinear(
  build: Build,
  x: Value,
  options: { inputs: number; hasBias: boolean; parts: readonly { name: string; outputs: number }[] },
): Value {
  const { inputs, hasBias, parts } = options;
  const outputs = parts.map((part) => part.outputs);
  const weights = transposedWeight(
    build,
    parts.map(({ name }) => `${name}.weight`),
    { inputs, outputs },
  );
  const product = build.graph.node('MatMul', [x, weights]);
  if (!hasBias) return product;
  const bias = joinedVector(
    build,
    parts.map(({ name }) => `${name}.bias`),
    outputs,
  );
  return build.graph.node('Add', [product, bias]);
}
