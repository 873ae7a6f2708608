import fc from 'fast-check';
import { quantizeRows } from './int8-rows';

const weight = fc.float({ min: -8, max: 8, noNaN: true });
const rows = fc
  .integer({ min: 1, max: 9 })
  .chain((inputs) =>
    fc.tuple(
      fc.constant(inputs),
      fc.array(fc.array(weight, { minLength: inputs, maxLength: inputs }), { minLength: 1 }),
    ),
  );

test('no pair of neighbours of the same sign sums to more than 128, so that 16 bits hold it with any activation', () => {
  fc.assert(
    fc.property(rows, ([inputs, matrix]) => {
      const { values } = quantizeRows(Float32Array.from(matrix.flat()), inputs);
      for (let row = 0; row < matrix.length; row++) {
        for (let at = row * inputs; at + 1 < (row + 1) * inputs; at += 2) {
          const [first, second] = [values[at] as number, values[at + 1] as number];
          const positive = Math.max(first, 0) + Math.max(second, 0);
          const negative = Math.min(first, 0) + Math.min(second, 0);
          expect(255 * positive).toBeLessThan(2 ** 15);
          expect(255 * negative).toBeGreaterThanOrEqual(-(2 ** 15));
        }
      }
    }),
  );
});

test('each weight is within half a step of its row', () => {
  fc.assert(
    fc.property(rows, ([inputs, matrix]) => {
      const weights = Float32Array.from(matrix.flat());
      const { values, scales } = quantizeRows(weights, inputs);
      weights.forEach((value, at) => {
        const scale = scales[Math.floor(at / inputs)] as number;
        expect(Math.abs(value - (values[at] as number) * scale)).toBeLessThanOrEqual(scale * 0.5001);
      });
    }),
  );
});

test.each<[string, number[], number[]]>([
  ['a single large weight uses the whole range', [1, 0, 0.5, 0], [127, 0, 64, 0]],
  ['two large neighbours share the range', [1, 1, 0, 0], [64, 64, 0, 0]],
  ['two large weights that are no neighbours do not', [0, 1, 1, 0], [0, 127, 127, 0]],
  ['large neighbours of different sign do not', [1, -1, 0, 0], [127, -127, 0, 0]],
  ['a row of zeros stays zero', [0, 0, 0, 0], [0, 0, 0, 0]],
  ['an odd last weight is alone', [0, 0, -1], [0, 0, -127]],
])('%s', (_what, row, integers) => {
  expect([...quantizeRows(Float32Array.from(row), row.length).values]).toEqual(integers);
});
