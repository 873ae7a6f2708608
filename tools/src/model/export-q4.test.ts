import { join } from 'node:path';
import { loadBundle } from '@rerank-fleet/model-runtime';
import { add } from './commands';
import { scoreMeasured } from './quantization/measure';
import {
  copyWithWeights,
  defaultOptions,
  lineOf,
  outputOf,
  runCommand,
  safetensorsFixtures,
  useFolder,
} from './testing';
import { withBundle } from './trial';
import type { Variant } from './variants';

const setup = useFolder();
const added = (folder: string, variant: Variant) =>
  runCommand(
    (context) => add(context, folder, { ...defaultOptions, name: variant, version: '1', variant }),
    setup.models,
  );
const scoresOf = async (name: string) => {
  const bundle = await loadBundle(join(setup.models, name, '1'));
  return (await withBundle(bundle, scoreMeasured)).flat();
};

/** Replaces each run of 32 weights by multiples of a power of two, -8 to 7 of them, which 4 bits hold exactly. */
function roundToGrid(values: Float32Array): void {
  for (let start = 0; start < values.length; start += 32) {
    const block = values.subarray(start, start + 32);
    const farthest = Math.max(...block.map(Math.abs));
    const step = 2 ** (Math.floor(Math.log2(farthest)) - 2);
    block.forEach((value, at) => (block[at] = step * Math.min(7, Math.max(-7, Math.round(value / step)))));
    block[0] = -8 * step;
  }
}

it.each(['qwen3-seqcls', 'bert-cross-encoder'])(
  '%s with weights that 4 bits hold exactly: scores are those of fp32 but for activations of 8 bits',
  async (name) => {
    const linear = /_proj\.weight$|encoder.*\.(?:query|key|value|dense)\.weight$/;
    const folder = copyWithWeights(name, join(setup.folder, name), (tensor, values) => {
      if (linear.test(tensor)) roundToGrid(values);
    });
    outputOf(await added(folder, 'fp32'));
    outputOf(await added(folder, 'q4'));
    const { manifest } = await loadBundle(join(setup.models, 'q4/1'));
    expect(manifest).toMatchObject({ dtype: 'q4', tokenBudget: { cpu: 256 }, quantization: { pairs: 60 } });
    expect(manifest.quantization?.exactLayers).toEqual([]);
    const [exact, scores] = [await scoresOf('fp32'), await scoresOf('q4')];
    const differences = exact.map((score, at) => Math.abs(score - (scores[at] ?? NaN)));
    expect(Math.max(...differences)).toBeLessThan(0.1);
  },
);

it('a model of random weights, which 4 bits hold badly, ends with the figures', async () => {
  const line = lineOf(await added(join(safetensorsFixtures, 'qwen3-seqcls'), 'q4'));
  expect(line).toMatch(
    /: its scores in q4 are too far from fp32 \(against fp32 on 60 pairs: .*\): use --variant fp32$/,
  );
});
