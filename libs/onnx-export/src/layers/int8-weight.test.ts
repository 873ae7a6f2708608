import { int8Weight } from './int8-weight';
import { useCheckpoint } from './testing';

/** Sizes beyond one tile in both directions. */
const [inputs, outputs] = [150, [70, 3]] as const;
const width = outputs[0] + outputs[1];
const values = (rows: number, phase: number) =>
  Array.from({ length: rows * inputs }, (_, at) => Math.fround(Math.sin(at * 1.7 + phase) * (1 + (at % 7))));
const tensors = [values(outputs[0], 0), values(outputs[1], 5)] as const;
const setup = useCheckpoint({
  first: { shape: [outputs[0], inputs], values: tensors[0] },
  second: { shape: [outputs[1], inputs], values: tensors[1] },
});

test('each column has the integers of an output of one of the layers, and its scale', async () => {
  const [integers, scales] = await setup.added((build) =>
    int8Weight(build, ['first', 'second'], { inputs, outputs: [...outputs] }),
  );
  expect(integers?.shape).toEqual([inputs, width]);
  expect(scales?.shape).toEqual([width]);
  const rows = tensors.flat();
  for (let output = 0; output < width; output++) {
    const scale = scales?.bytes.readFloatLE(4 * output) ?? NaN;
    for (let input = 0; input < inputs; input++) {
      const integer = integers?.bytes.readInt8(input * width + output) ?? NaN;
      expect(Math.abs(integer * scale - (rows[output * inputs + input] as number))).toBeLessThanOrEqual(scale * 0.5001);
    }
  }
});
