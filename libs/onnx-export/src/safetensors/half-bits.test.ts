import fc from 'fast-check';
import { floatDecoder } from './float-bits';
import { roundToHalves } from './half-bits';

const bitsOf = (values: readonly number[]) => new Uint32Array(Float32Array.from(values).buffer);
const halvesOf = (values: readonly number[]) => [...roundToHalves(bitsOf(values)).halves];
/** All float16 as float32. */
const widened = (() => {
  const all = Uint16Array.from({ length: 0x1_0000 }, (_, half) => half);
  const target = new Uint32Array(all.length);
  floatDecoder('F16', new Uint8Array(all.buffer))(0, all.length, { target, at: 0, stride: 1 });
  return new Float32Array(target.buffer);
})();

test('each float16 is itself', () => {
  const finite = [...widened.keys()].filter((half) => Number.isFinite(widened[half]));
  expect(halvesOf(finite.map((half) => widened[half] as number))).toEqual(finite);
});

// the neighbours of 1 are 1 - 2^-11 and 1 + 2^-10; the smallest number is 2^-24, the largest 65504
test.each([
  [1 + 2 ** -11, 0x3c00],
  [1 + 2 ** -11 + 2 ** -20, 0x3c01],
  [1 + 3 * 2 ** -11, 0x3c02],
  [-1.5, 0xbe00],
  [2 - 2 ** -12, 0x4000],
  [65504 + 15.5, 0x7bff],
  [2 ** -14 - 2 ** -26, 0x0400],
  [2 ** -25, 0],
  [3 * 2 ** -26, 1],
  [3 * 2 ** -25, 2],
  [1e-30, 0],
  [-1e-30, 0x8000],
])('%p is rounded to the nearest float16, of two equally near ones to the even', (value, half) => {
  expect(halvesOf([value])).toEqual([half]);
});

test('any other value is within half a step', () => {
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const [half = 0] = halvesOf([value]);
      const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10));
      expect(Math.abs((widened[half] as number) - value)).toBeLessThanOrEqual(step / 2);
    }),
  );
});

test('the first value beyond its range is named', () => {
  expect(roundToHalves(bitsOf([1, 65519, 65520, -1e9])).beyond).toBe(2);
  expect(roundToHalves(bitsOf([1, -65520])).beyond).toBe(1);
  expect(roundToHalves(bitsOf([65519, -65519])).beyond).toBeUndefined();
});
