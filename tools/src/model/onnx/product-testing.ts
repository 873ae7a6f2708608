import { onnxFile } from './testing';

const [float32, uint8, int8, int64] = [1, 2, 3, 7];
const vocabularySize = 1_800;

/**
 * A reranker for tiny-bert's vocabulary whose logit is the sum of a matrix's 8-bit weights times 255, the largest
 * activation, times the tokens of the row.
 */
export function productGraph(rows: number[][]): Buffer {
  const columns = rows[0]?.length ?? 0;
  const weights = Buffer.from(Int8Array.from(rows.flat()).buffer);
  return onnxFile({
    inputs: ['input_ids', 'attention_mask'].map((name) => ({ name, type: int64, dims: ['rows', 'tokens'] })),
    outputs: [{ name: 'logits', type: float32, dims: ['rows', 1] }],
    nodes: [
      { type: 'Gather', inputs: ['activations', 'input_ids'], outputs: ['vectors'], attributes: { axis: 0 } },
      { type: 'MatMulInteger', inputs: ['vectors', 'weights'], outputs: ['sums'] },
      { type: 'Cast', inputs: ['sums'], outputs: ['numbers'], attributes: { to: float32 } },
      { type: 'ReduceSum', inputs: ['numbers', 'axes'], outputs: ['total'], attributes: { keepdims: 0 } },
      { type: 'Unsqueeze', inputs: ['total', 'lastAxis'], outputs: ['logits'] },
    ],
    weights: [
      {
        name: 'activations',
        type: uint8,
        dims: [vocabularySize, rows.length],
        content: Buffer.alloc(vocabularySize * rows.length, 255),
      },
      { name: 'weights', type: int8, dims: [rows.length, columns], content: weights },
      { name: 'axes', type: int64, dims: [2], content: Buffer.from(BigInt64Array.of(1n, 2n).buffer) },
      { name: 'lastAxis', type: int64, dims: [1], content: Buffer.from(BigInt64Array.of(1n).buffer) },
    ],
  });
}
