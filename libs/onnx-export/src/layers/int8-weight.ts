import type { Value } from '../onnx/graph';
import { quantizeRows } from '../quantization/int8-rows';
import type { FloatTensor } from '../safetensors/checkpoint';
import { joinedWidth, linearTensors, rowBlocks, type Build, type LinearShape } from './weights';

/** 8-bit weights [in, sum of out] of linear layers with the same input, and their scales [sum of out]. */
export function int8Weight(
  { graph, checkpoint }: Build,
  names: readonly string[],
  shape: LinearShape,
): { values: Value; scales: Value } {
  const tensors = linearTensors(checkpoint, names, shape);
  const { inputs } = shape;
  const width = joinedWidth(shape);
  const name = names.join('|');
  // filled with the values, which are written first
  const scales = new Float32Array(width);
  return {
    values: graph.weight({
      name: `${name} (int8)`,
      type: 'int8',
      shape: [inputs, width],
      async *parts() {
        yield await transposedIntegers(tensors, inputs, scales);
      },
    }),
    scales: graph.weight({
      name: `${name} (scales)`,
      type: 'float32',
      shape: [width],
      parts: () => [new Uint8Array(scales.buffer)],
    }),
  };
}

/** The integers of all rows as columns. The scales of the rows are written to `scales`. */
async function transposedIntegers(
  tensors: readonly FloatTensor[],
  inputs: number,
  scales: Float32Array,
): Promise<Uint8Array> {
  const width = scales.length;
  const target = new Int8Array(inputs * width);
  for await (const { weights, first } of rowBlocks(tensors, inputs)) {
    const rows = quantizeRows(weights, inputs);
    scales.set(rows.scales, first);
    transpose(rows.values, { target, inputs, width, first });
  }
  return new Uint8Array(target.buffer);
}

const tile = 64;

/** Writes rows as columns from column `first` on, in tiles that stay in the processor's cache. */
function transpose(
  values: Int8Array,
  { target, inputs, width, first }: { target: Int8Array; inputs: number; width: number; first: number },
): void {
  const rows = values.length / inputs;
  for (let row = 0; row < rows; row += tile) {
    const end = Math.min(row + tile, rows) * inputs;
    for (let input = 0; input < inputs; input++) {
      let to = input * width + first + row;
      for (let from = row * inputs + input; from < end; from += inputs) target[to++] = values[from] as number;
    }
  }
}
