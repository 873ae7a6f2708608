import fc from 'fast-check';
import { blockInputs, quantizeBlocks, type Q4Rows } from './q4-blocks';

/** The integer at a place of a row, as MatMulNBits reads it. */
function integerAt({ values }: Q4Rows, { row, at, blocks }: { row: number; at: number; blocks: number }): number {
  const place = row * blocks * blockInputs + at;
  const byte = values[place >> 1] as number;
  return place % 2 === 0 ? byte & 0xf : byte >> 4;
}

const rows = fc.integer({ min: 1, max: 70 }).chain((inputs) =>
  fc.tuple(
    fc.constant(inputs),
    fc.array(fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: inputs, maxLength: inputs }), {
      minLength: 1,
      maxLength: 4,
    }),
  ),
);

test('each weight is within half a step of its block, at the opposite end of the range within one', () => {
  fc.assert(
    fc.property(rows, ([inputs, matrix]) => {
      const blocks = Math.ceil(inputs / blockInputs);
      const quantized = quantizeBlocks(Float32Array.from(matrix.flat()), inputs);
      expect(quantized.values).toHaveLength(matrix.length * blocks * 16);
      for (const [row, weights] of matrix.entries()) {
        for (const [at, weight] of weights.entries()) {
          const block = row * blocks + Math.floor(at / blockInputs);
          const scale = quantized.scales[block] as number;
          const found = (integerAt(quantized, { row, at, blocks }) - 8) * scale;
          // -8 to 7 steps: only the side of the farthest weight has 8
          const isClipped = weight / scale > 7.5;
          expect(Math.abs(found - weight)).toBeLessThanOrEqual(Math.abs(scale) * (isClipped ? 1.0001 : 0.5001));
        }
      }
    }),
  );
});

test('the farthest weight of a block is exact, and the rest of a short block stands for zero', () => {
  const quantized = quantizeBlocks(Float32Array.from([0.5, -4, 1.75]), 3);
  expect([...quantized.scales]).toEqual([0.5]);
  expect([0, 1, 2, 3, 31].map((at) => integerAt(quantized, { row: 0, at, blocks: 1 }))).toEqual([9, 0, 12, 8, 8]);
});

test('weights of zero stay zero', () => {
  const quantized = quantizeBlocks(new Float32Array(64), 64);
  expect([...new Set(quantized.values)]).toEqual([0x88]);
});
