import type { Value } from '../onnx/graph';
import { quantizeRows } from '../quantization/int8-rows';
import type { FloatTensor } from '../safetensors/checkpoint';
import { rowBlocks, type Build, type LinearWeight } from './weights';

/** 8-bit weights [in, out] of a linear layer, and their scales [out]. */
export function int8Weight(
  { graph, checkpoint }: Build,
  { name, inputs, outputs }: LinearWeight,
): { values: Value; scales: Value } {
  const tensor = checkpoint.tensor(name, [outputs, inputs]);
  // filled with the values, which are written first
  const scales = new Float32Array(outputs);
  return {
    values: graph.weight({
      name: `${name} (int8)`,
      type: 'int8',
      shape: [inputs, outputs],
      async *parts() {
        yield await transposedIntegers(tensor, inputs, scales);
      },
    }),
    scales: graph.weight({
      name: `${name} (scales)`,
      type: 'float32',
      shape: [outputs],
      parts: () => [new Uint8Array(scales.buffer)],
    }),
  };
}

/** The integers of all rows as columns. The scales of the rows are written to `scales`. */
async function transposedIntegers(tensor: FloatTensor, inputs: number, scales: Float32Array): Promise<Uint8Array> {
  const width = scales.length;
  const target = new Int8Array(inputs * width);
  for await (const { weights, first } of rowBlocks(tensor)) {
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
