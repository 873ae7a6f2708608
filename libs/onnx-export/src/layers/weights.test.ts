import { useCheckpoint } from './testing';
import { rowDifference, storedWeight, transposedWeight, type Build } from './weights';

const [outputs, inputs] = [3, 700];
const matrix = Array.from({ length: outputs * inputs }, (_, at) => at);
const setup = useCheckpoint({
  first: { shape: [outputs, inputs], values: matrix },
  'a.bias': { shape: [2], values: [1, 2] },
  large: { shape: [1, 2], values: [1, -70_000] },
});

/** The shape and the values of the only weight that is added to a graph. */
async function added(add: (build: Build) => unknown): Promise<{ shape: readonly number[]; values: number[] }> {
  const [{ shape, bytes } = { shape: [], bytes: Buffer.alloc(0) }] = await setup.added(add);
  return { shape, values: [...new Float32Array(new Uint8Array(bytes).buffer)] };
}

test('a stored weight keeps its rows', async () => {
  expect(await added((build) => storedWeight(build, 'first', [outputs, inputs]))).toEqual({
    shape: [outputs, inputs],
    values: matrix,
  });
});

test('a linear weight is transposed, over the edges of its parts', async () => {
  const { shape, values } = await added((build) => transposedWeight(build, { name: 'first', inputs, outputs }));
  expect(shape).toEqual([inputs, outputs]);
  expect(values).toEqual(Array.from({ length: inputs }, (_, at) => [at, inputs + at, 2 * inputs + at]).flat());
});

test('the difference of two rows is a column', async () => {
  const shape = [outputs, inputs] as const;
  const found = await added((build) => rowDifference(build, 'first', { shape, rows: [2, 0] }));
  expect(found).toEqual({ shape: [inputs, 1], values: Array(inputs).fill(2 * inputs) });
});

test('an answer outside the vocabulary is refused', () => {
  const shape = [outputs, inputs] as const;
  expect(() => rowDifference(setup.build(), 'first', { shape, rows: [3, 0] })).toThrow('has no row 3');
});

test('weights of a float16 graph are float16, and one that is too large is named', async () => {
  const [weight] = await setup.added((build) => storedWeight(build, 'a.bias', [2]), 'float16');
  expect([...new Uint16Array(new Uint8Array(weight?.bytes ?? []).buffer)]).toEqual([0x3c00, 0x4000]);
  const large = setup.added((build) => transposedWeight(build, { name: 'large', inputs: 2, outputs: 1 }), 'float16');
  await expect(large).rejects.toThrow('the tensor "large" holds -70000, which float16 cannot hold');
});
