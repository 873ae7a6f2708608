import type { Value } from '../onnx/graph';
import { int8Linear } from './int8-linear';
import { q4Linear } from './q4-linear';
import { observeError, observeRange } from './observe';
import { storedWeight, transposedWeight, type Build, type Precision } from './weights';

export interface LinearOptions {
  name: string;
  inputs: number;
  outputs: number;
  hasBias?: boolean;
}

/** y = x Wᵀ + b over the last axis, from `<name>.weight` and `<name>.bias`. */
export function linear(build: Build, x: Value, options: LinearOptions): Value {
  const { name, outputs, hasBias = true } = options;
  const product = multiply(build, x, options);
  return hasBias ? build.graph.node('Add', [product, storedWeight(build, `${name}.bias`, [outputs])]) : product;
}

/** The product with the weights of the layer. What is observed of it becomes an output more. */
function multiply(build: Build, x: Value, options: LinearOptions): Value {
  const { name } = options;
  const product = multiplied(build, x, { ...options, precision: build.precisionOf(name) });
  const { observed } = build;
  if (observed === 'range') observeRange(build, name, [x, product]);
  else if (observed) {
    observeError(build, name, { product, approximate: multiplied(build, x, { ...options, precision: observed }) });
  }
  return product;
}

function multiplied(
  build: Build,
  x: Value,
  { name, inputs, outputs, precision }: LinearOptions & { precision: Precision },
): Value {
  const weight = { name: `${name}.weight`, inputs, outputs };
  switch (precision) {
    case 'fp32':
    case 'fp16':
      return build.graph.node('MatMul', [x, transposedWeight(build, weight)]);
    case 'int8':
      return int8Linear(build, x, weight);
    case 'q4':
      return q4Linear(build, x, weight);
    default:
      return precision satisfies never;
  }
}
