import { int8Weight } from './int8-weight';
import { useCheckpoint } from './testing';

/** Sizes beyond one tile in both directions. */
const [inputs, outputs] = [150, 73];
const rows = Array.from({ length: outputs * inputs }, (_, at) => Math.fround(Math.sin(at * 1.7) * (1 + (at % 7))));
const setup = useCheckpoint({ layer: { shape: [outputs, inputs], values: rows } });

test('each column has the integers of an output of the layer, and its scale', async () => {
  const [integers, scales] = await setup.added((build) => int8Weight(build, { name: 'layer', inputs, outputs }));
  expect(integers?.shape).toEqual([inputs, outputs]);
  expect(scales?.shape).toEqual([outputs]);
  for (let output = 0; output < outputs; output++) {
    const scale = scales?.bytes.readFloatLE(4 * output) ?? NaN;
    for (let input = 0; input < inputs; input++) {
      const integer = integers?.bytes.readInt8(input * outputs + output) ?? NaN;
      expect(Math.abs(integer * scale - (rows[output * inputs + input] as number))).toBeLessThanOrEqual(scale * 0.5001);
    }
  }
});
