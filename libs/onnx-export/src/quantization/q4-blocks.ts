import { smallestNormal } from './int8-rows';

/** Weights of one row with a scale of their own. */
export const blockInputs = 32;

/** Rows of weights as 4-bit integers: weight = (integer - 8) · scale of its block. */
export interface Q4Rows {
  /** [rows, blocks, block / 2]: the first of two neighbours is in the lower half of a byte. */
  values: Uint8Array;
  /** [rows, blocks] */
  scales: Float32Array;
}

/** The integer that stands for zero. */
const zeroPoint = 8;

/**
 * Quantizes rows of weights as onnxruntime's quantizer does without zero points: the largest weight of a block becomes
 * the integer 0, which is -8 steps, so that all 16 integers are used. The last block of a row is filled with zeros.
 */
export function quantizeBlocks(weights: Float32Array, inputs: number): Q4Rows {
  const rows = weights.length / inputs;
  const blocks = Math.ceil(inputs / blockInputs);
  const values = new Uint8Array((rows * blocks * blockInputs) / 2).fill(zeroPoint * 0x11);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * inputs + block * blockInputs;
      const end = Math.min(start + blockInputs, (row + 1) * inputs);
      const index = row * blocks + block;
      scales[index] = scaleOf(weights, start, end);
      const scale = scales[index];
      for (let at = start; at < end; at++) {
        const integer = Math.min(15, Math.round((weights[at] as number) / scale + zeroPoint));
        const place = index * blockInputs + at - start;
        const other = values[place >> 1] as number;
        values[place >> 1] = place & 1 ? (other & 0x0f) | (integer << 4) : (other & 0xf0) | integer;
      }
    }
  }
  return { values, scales };
}

/** Minus an eighth of the weight that is farthest from zero. */
function scaleOf(weights: Float32Array, start: number, end: number): number {
  let farthest = 0;
  for (let at = start; at < end; at++) {
    const weight = weights[at] as number;
    if (Math.abs(weight) > Math.abs(farthest)) farthest = weight;
  }
  const scale = farthest / -8;
  return Math.abs(scale) < smallestNormal ? 1 : scale;
}
