/** Rows of weights as 8-bit integers: weight = integer · scale of its row. */
export interface Int8Rows {
  /** [rows, inputs] */
  values: Int8Array;
  /** [rows] */
  scales: Float32Array;
}

const largest = 127;
/** A smaller float32 has fewer digits. Weights that need such a scale become zeros. */
export const smallestNormal = 2 ** -126;

/**
 * Quantizes rows of weights, each with a scale of its own, so that no pair of neighbours can overflow.
 *
 * Processors without VNNI add the products of two neighbouring weights with 8-bit activations (0 to 255) in 16 bits, and
 * saturate without an error. A pair is safe when its integers of the same sign sum to at most 128, because 255 · 128 is
 * below 32,768. So a row's scale is chosen by its largest weight and by its largest pair. Rounding may add a half to
 * both integers of a pair, which 127 leaves room for.
 */
export function quantizeRows(weights: Float32Array, inputs: number): Int8Rows {
  const scales = rowScales(weights, inputs);
  const values = new Int8Array(weights.length);
  for (const [row, scale] of scales.entries()) {
    const end = (row + 1) * inputs;
    for (let at = row * inputs; at < end; at++) values[at] = Math.round((weights[at] as number) / scale);
  }
  return { values, scales };
}

function rowScales(weights: Float32Array, inputs: number): Float32Array {
  const rows = weights.length / inputs;
  return Float32Array.from({ length: rows }, (_, row) => {
    const scale = largestPair(weights, row * inputs, inputs) / largest;
    return scale < smallestNormal ? 1 : scale;
  });
}

/**
 * The largest weight of a row, or the largest sum of two neighbours of the same sign if that is larger. The sum of
 * neighbours with different signs is never larger than both.
 */
function largestPair(weights: Float32Array, start: number, inputs: number): number {
  let found = 0;
  for (let at = start; at < start + inputs; at += 2) {
    const first = weights[at] as number;
    const second = at + 1 < start + inputs ? (weights[at + 1] as number) : 0;
    found = Math.max(found, Math.abs(first), Math.abs(second), Math.abs(first + second));
  }
  return found;
}
