import type { Value } from '../onnx/graph';
import { blockInputs, quantizeBlocks } from '../quantization/q4-blocks';
import { joinedWidth, linearTensors, rowBlocks, type Build, type LinearShape } from './weights';

/** onnxruntime multiplies integers: activations get 8 bits, and a scale per block. */
const integerProducts = 4;

/** y = x Wᵀ with 4-bit weights, a scale for each block of a row, [rows, tokens, in] to [rows, tokens, sum of out]. */
export function q4Linear(
  build: Build,
  x: Value,
  { names, shape }: { names: readonly string[]; shape: LinearShape },
): Value {
  const { values, scales } = q4Weight(build, names, shape);
  return build.graph.node('MatMulNBits', [x, values, scales], {
    domain: 'com.microsoft',
    attributes: {
      ...{ K: shape.inputs, N: joinedWidth(shape), bits: 4, block_size: blockInputs },
      accuracy_level: integerProducts,
    },
  });
}

/** 4-bit weights [sum of out, blocks, block / 2] of linear layers with the same input, and their scales. */
function q4Weight(
  { graph, checkpoint }: Build,
  names: readonly string[],
  shape: LinearShape,
): { values: Value; scales: Value } {
  const tensors = linearTensors(checkpoint, names, shape);
  const { inputs } = shape;
  const width = joinedWidth(shape);
  const blocks = Math.ceil(inputs / blockInputs);
  const name = names.join('|');
  // filled with the values, which are written first
  const scales = new Float32Array(width * blocks);
  return {
    values: graph.weight({
      name: `${name} (4 bits)`,
      type: 'uint8',
      shape: [width, blocks, blockInputs / 2],
      async *parts() {
        for await (const { weights, first } of rowBlocks(tensors, inputs)) {
          const rows = quantizeBlocks(weights, inputs);
          scales.set(rows.scales, first * blocks);
          yield rows.values;
        }
      },
    }),
    scales: graph.weight({
      name: `${name} (scales)`,
      type: 'float32',
      shape: [width, blocks],
      parts: () => [new Uint8Array(scales.buffer)],
    }),
  };
}
