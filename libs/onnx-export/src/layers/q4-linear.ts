import type { Value } from '../onnx/graph';
import { blockInputs, quantizeBlocks } from '../quantization/q4-blocks';
import { rowBlocks, type Build, type LinearWeight } from './weights';

/** onnxruntime multiplies integers: activations get 8 bits, and a scale per block. */
const integerProducts = 4;

/** y = x Wᵀ with 4-bit weights, a scale for each block of a row, [rows, tokens, in] to [rows, tokens, out]. */
export function q4Linear(build: Build, x: Value, weight: LinearWeight): Value {
  const { values, scales } = q4Weight(build, weight);
  return build.graph.node('MatMulNBits', [x, values, scales], {
    domain: 'com.microsoft',
    attributes: {
      ...{ K: weight.inputs, N: weight.outputs, bits: 4, block_size: blockInputs },
      accuracy_level: integerProducts,
    },
  });
}

/** 4-bit weights [out, blocks, block / 2] of a linear layer, and their scales. */
function q4Weight(
  { graph, checkpoint }: Build,
  { name, inputs, outputs }: LinearWeight,
): { values: Value; scales: Value } {
  const tensor = checkpoint.tensor(name, [outputs, inputs]);
  const blocks = Math.ceil(inputs / blockInputs);
  // filled with the values, which are written first
  const scales = new Float32Array(outputs * blocks);
  return {
    values: graph.weight({
      name: `${name} (4 bits)`,
      type: 'uint8',
      shape: [outputs, blocks, blockInputs / 2],
      async *parts() {
        for await (const { weights, first } of rowBlocks(tensor)) {
          const rows = quantizeBlocks(weights, inputs);
          scales.set(rows.scales, first * blocks);
          yield rows.values;
        }
      },
    }),
    scales: graph.weight({
      name: `${name} (scales)`,
      type: 'float32',
      shape: [outputs, blocks],
      parts: () => [new Uint8Array(scales.buffer)],
    }),
  };
}
