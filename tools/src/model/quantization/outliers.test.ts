import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { sigmoid } from '@rerank-fleet/contract';
import { loadBundle } from '@rerank-fleet/model-runtime';
import { encodePairs } from '@rerank-fleet/scoring';
import type { FixtureCase } from '@rerank-fleet/scoring/testing';
import { add, verify } from '../commands';
import { installBundle } from '../install';
import { folderSource } from '../source';
import {
  copyWithWeights,
  defaultOptions,
  expectNoBundle,
  lineOf,
  outputOf,
  runCommand,
  safetensorsFixtures,
  useFolder,
} from '../testing';
import { withBundle } from '../trial';
import type { Variant } from '../variants';

const fixture = join(safetensorsFixtures, 'qwen3-seqcls');
const setup = useFolder();

interface Outliers {
  /** Layers. */
  mlp?: number[];
  attention?: number[];
  factor?: number;
}

/**
 * A copy of the model with the same scores in fp32: one channel between two layers is made larger in the first and
 * smaller by the same power of two in the second. In 8 bits the other channels of the token then become zeros.
 */
function plantOutliers({ mlp = [], attention = [], factor = 2 ** 12 }: Outliers): string {
  type Place = (row: number, column: number) => boolean;
  const changes: Record<string, [by: number, isChosen: Place]> = {};
  for (const layer of mlp) {
    changes[`model.layers.${layer}.mlp.up_proj.weight`] = [factor, (row) => row === 7];
    changes[`model.layers.${layer}.mlp.down_proj.weight`] = [1 / factor, (_row, column) => column === 7];
  }
  for (const layer of attention) {
    // the first value channel of the first key head, which two query heads of 16 channels share
    changes[`model.layers.${layer}.self_attn.v_proj.weight`] = [factor, (row) => row === 0];
    changes[`model.layers.${layer}.self_attn.o_proj.weight`] = [1 / factor, (_, column) => [0, 16].includes(column)];
  }
  return copyWithWeights('qwen3-seqcls', join(setup.folder, 'planted'), (name, values, [, columns = 1]) => {
    const [by, isChosen] = changes[name] ?? [1, () => false];
    for (const [at, value] of values.entries()) {
      if (isChosen(Math.floor(at / columns), at % columns)) values[at] = value * by;
    }
  });
}

const added = (folder: string, variant: Variant) =>
  runCommand(
    (context) => add(context, folder, { ...defaultOptions, name: 'planted', version: '1', variant }),
    setup.models,
  );

async function largestDifference(): Promise<number> {
  const { cases } = JSON.parse(readFileSync(join(fixture, 'cases.json'), 'utf8')) as { cases: FixtureCase[] };
  const whole = cases.filter(({ error, truncated }) => error === undefined && !truncated);
  return withBundle(await loadBundle(join(setup.models, 'planted/1')), async ({ encoder, session }) => {
    let largest = 0;
    for (const { query, document, instruction, score } of whole) {
      const encoded = encodePairs(encoder, {
        query,
        documents: [document],
        ...(instruction !== undefined && { instruction }),
      });
      const [row] = encoded.ok ? encoded.documents : [];
      if (!encoded.ok || !row) throw new Error('not encoded');
      const [logit = NaN] = await session.score([{ query: await session.prepare(encoded.query), document: row }]);
      largest = Math.max(largest, Math.abs(sigmoid(logit) - score));
    }
    return largest;
  });
}

it('a layer whose inputs have outliers stays fp32, and the scores are right', async () => {
  const folder = plantOutliers({ mlp: [1] });
  const output = outputOf(await added(folder, 'int8'));
  expect(output).toContain('1 of 14 layers in fp32 (model.layers.1.mlp.down_proj)');
  const { manifest } = await loadBundle(join(setup.models, 'planted/1'));
  expect(manifest.quantization?.exactLayers).toEqual(['model.layers.1.mlp.down_proj']);
  expect(await largestDifference()).toBeLessThan(0.2);
  outputOf(await runCommand((context) => verify(context, 'planted'), setup.models));
});

it('outliers in more layers than may stay fp32 end the build with the figures, and fp32 is right', async () => {
  // two of eight layers may be fp32
  const folder = plantOutliers({ mlp: [0, 1], attention: [0, 1] });
  const line = lineOf(await added(folder, 'int8'));
  expect(line).toMatch(/too far from fp32 \(against fp32 on 60 pairs: .*\): use --variant fp32$/);
  await expectNoBundle(setup.models);
  outputOf(await added(folder, 'fp32'));
  expect(await largestDifference()).toBeLessThan(1e-4);
});

/** Installs a folder as if its weights were so large that fewer bits pay. */
async function installedByDefault(folder: string, provider: 'cpu' | 'cuda') {
  const lines: string[] = [];
  const { files, ...source } = await folderSource(folder, 'mit');
  const large = files.map((file) => (file.path.endsWith('.safetensors') ? { ...file, sizeBytes: 1e9 } : file));
  const installed = await installBundle(
    { ...source, files: large },
    {
      ...{ modelsDir: setup.models, name: 'planted', aliases: [], licence: undefined, provider },
      ...{ maxLengthTokens: 512, print: (line) => lines.push(line), stream: new PassThrough() },
    },
  );
  return { installed, lines };
}

it('int8 is the default for a CPU, and fp16 for a GPU', async () => {
  const folder = join(safetensorsFixtures, 'qwen3-seqcls');
  const onCpu = await installedByDefault(folder, 'cpu');
  expect(onCpu).toMatchObject({ installed: { ok: true, manifest: { dtype: 'int8' } } });
  expect(onCpu.lines[0]).toBe('variant int8: for a CPU (--variant takes another)');
  const onGpu = await installedByDefault(folder, 'cuda');
  expect(onGpu).toMatchObject({ installed: { ok: true, manifest: { dtype: 'float16' } } });
  expect(onGpu.lines[0]).toBe('variant fp16: for a GPU; serve it with PROVIDER=cuda (--variant takes another)');
});

it.each([
  {
    what: 'int8',
    provider: 'cpu' as const,
    outliers: { mlp: [0, 1], attention: [0, 1] },
    line: /too far from fp32 \(.*\): fp32 is taken instead$/,
  },
  {
    what: 'fp16 with large activations',
    provider: 'cuda' as const,
    outliers: { mlp: [1], factor: 2 ** 16 },
    line: /activations reach \d+ at .*: fp32 is taken instead$/,
  },
  {
    what: 'fp16 with large weights',
    provider: 'cuda' as const,
    outliers: { mlp: [1], factor: 2 ** 22 },
    line: /which float16 cannot hold: fp32 is taken instead$/,
  },
])('where $what was not asked for, fp32 is taken', async ({ provider, outliers, line }) => {
  const { installed, lines } = await installedByDefault(plantOutliers(outliers), provider);
  expect(installed).toMatchObject({ ok: true, manifest: { dtype: 'float32' } });
  expect(lines.filter((each) => line.test(each))).toHaveLength(1);
  expect(readdirSync(setup.models).sort()).toEqual(['.pull', 'planted']);
  expect(readdirSync(join(setup.models, '.pull'))).toEqual([]);
});

it('activations that float16 may not hold are refused by their layer, though a CPU computes them in fp32', async () => {
  const folder = plantOutliers({ mlp: [1], factor: 2 ** 16 });
  expect(lineOf(await added(folder, 'fp16'))).toMatch(
    /: its activations reach \d{5,} at model\.layers\.1\.mlp\.\w+, which is too near to the limit of float16 \(65504\): use --variant fp32$/,
  );
  await expectNoBundle(setup.models);
});

it('a weight that float16 cannot hold is refused by its name', async () => {
  const folder = copyWithWeights('qwen3-seqcls', join(setup.folder, 'planted'), (name, values) => {
    if (name === 'model.layers.0.mlp.down_proj.weight') values[5] = 1e5;
  });
  expect(lineOf(await added(folder, 'fp16'))).toContain(
    'the tensor "model.layers.0.mlp.down_proj.weight" holds 100000, which float16 cannot hold: use --variant fp32',
  );
  await expectNoBundle(setup.models);
});
