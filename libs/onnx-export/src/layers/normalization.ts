import type { Value } from '../onnx/graph';
import { observeRange } from './observe';
import { storedWeight, type Build } from './weights';

export interface NormOptions {
  name: string;
  size: number;
  epsilon: number;
}

/** (x - mean) / √(variance + epsilon) · w + b over the last axis, from `<name>.weight` and `<name>.bias`. */
export function layerNorm(build: Build, x: Value, { name, size, epsilon }: NormOptions): Value {
  if (build.observed === 'range') observeRange(build, name, [x]);
  const scale = storedWeight(build, `${name}.weight`, [size]);
  const bias = storedWeight(build, `${name}.bias`, [size]);
  return build.graph.node('LayerNormalization', [x, scale, bias], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}

/** x / √(mean of x² + epsilon) · w over the last axis, from `<name>.weight`. */
export function rmsNorm(build: Build, x: Value, { name, size, epsilon }: NormOptions): Value {
  if (build.observed === 'range') observeRange(build, name, [x]);
  const scale = storedWeight(build, `${name}.weight`, [size]);
  return build.graph.node('RMSNormalization', [x, scale], { attributes: { axis: -1, epsilon: { float: epsilon } } });
}
