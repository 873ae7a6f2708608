import { floatDecoder, type FloatType } from './float-bits';

/** The values of `count` elements, and whether all are finite. */
function decoded(type: FloatType, bytes: number[], { first = 0, count = 1, stride = 1 } = {}) {
  const target = new Uint32Array(count * stride);
  const isFinite = floatDecoder(type, Uint8Array.from(bytes))(first, count, { target, at: 0, stride });
  return { values: [...new Float32Array(target.buffer)], isFinite };
}

/** Values of the tables of IEEE 754 (binary16) and of bfloat16, as stored: the low byte first. */
const stored: [string, FloatType, number[], number][] = [
  ['one', 'F16', [0x00, 0x3c], 1],
  ['the next after one', 'F16', [0x01, 0x3c], 1 + 2 ** -10],
  ['a third', 'F16', [0x55, 0x35], 0.333251953125],
  ['the largest half', 'F16', [0xff, 0x7b], 65_504],
  ['minus two', 'F16', [0x00, 0xc0], -2],
  ['the smallest normal half', 'F16', [0x00, 0x04], 2 ** -14],
  ['the largest subnormal half', 'F16', [0xff, 0x03], 2 ** -14 - 2 ** -24],
  ['the smallest subnormal half', 'F16', [0x01, 0x00], 2 ** -24],
  ['minus the smallest subnormal half', 'F16', [0x01, 0x80], -(2 ** -24)],
  ['minus zero', 'F16', [0x00, 0x80], -0],
  ['infinity', 'F16', [0x00, 0x7c], Infinity],
  ['no number', 'F16', [0x01, 0x7e], NaN],
  ['one', 'BF16', [0x80, 0x3f], 1],
  ['pi, rounded to 8 bits', 'BF16', [0x49, 0x40], 3.140625],
  ['minus infinity', 'BF16', [0x80, 0xff], -Infinity],
  ['pi', 'F32', [0xdb, 0x0f, 0x49, 0x40], Math.fround(Math.PI)],
];

test.each(stored.map(([name, type, bytes, value]) => ({ name, type, bytes, value })))(
  'reads $name of $type',
  ({ type, bytes, value }) => {
    const { values, isFinite } = decoded(type, bytes);
    expect(values[0]).toBe(value);
    expect(isFinite).toBe(Number.isFinite(value));
  },
);

test.each<[FloatType, number[]]>([
  ['F32', [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]],
  ['F16', [0, 60, 0, 64, 0, 66]],
  ['BF16', [128, 63, 0, 64, 64, 64]],
])('%s: reads elements from an index on, and writes them at a distance', (type, bytes) => {
  expect(decoded(type, bytes, { count: 3 }).values).toEqual([1, 2, 3]);
  expect(decoded(type, bytes, { first: 1, count: 2, stride: 3 }).values).toEqual([2, 0, 0, 3, 0, 0]);
});
