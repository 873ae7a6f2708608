import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import { exportSafetensors } from '../../model/export-safetensors';
import { jsonFiles } from '../../model/fetch-export';
import { installBundle, writeManifest } from '../../model/install';
import { readSmallFiles } from '../../model/small-files';
import { folderSource } from '../../model/source';
import { claimDataDir } from '../../up/data-dir';
import { weightsOf, writeCheckpoint, type ModelRecipe } from './checkpoint';
import { benchCache, madeFolder, sourcesChecksum } from './made-folder';

/** The bundles of a model with random weights. */
export interface RandomBundles {
  /** The folder that contains them, as a fleet takes it. */
  modelsDir: string;
  /** The files that the model's owner would publish. */
  checkpoint: string;
  fp32: Bundle;
  int8: Bundle;
}

/** Longest row of the bundles in tokens. */
const maxLengthTokens = 512;

interface Making {
  root: string;
  say: (line: string) => void;
}

/** What the bundles are made by: they are made again when it changes. */
const sources = ['libs/onnx-export/src', 'libs/scoring/src', 'tools/src/model', 'tools/src/bench/random-models'];

/** The checksum of everything that makes bundles. */
export const makersChecksum = (root: string): string => sourcesChecksum(sources.map((folder) => join(root, folder)));

/** The folder of a model in the cache. */
export const cachedModel = ({ name }: Pick<ModelRecipe, 'name'>): string => join(benchCache(), name);

/**
 * Makes a model with random weights as its owner would publish it, and bundles of it, unless they are in the cache of
 * this user. The bundle in fp32 is installed as by `npm run model -- add`. For int8 only the graph is written: what it
 * costs in accuracy says nothing where weights are random, and measuring it takes minutes. The cache belongs to this
 * process until it exits.
 */
export async function randomBundles(recipe: ModelRecipe, { root, say }: Making): Promise<RandomBundles> {
  const cache = cachedModel(recipe);
  const claim = claimDataDir(cache);
  process.once('exit', () => claim.release({ keepLogs: true }));
  const weights = weightsOf(recipe.shapes);
  const checkpoint = await madeFolder(join(cache, 'checkpoint'), {
    recipe: sourcesChecksum([join(root, 'tools/src/bench/random-models')]),
    neededBytes: 2 * weights + 50e6,
    async make(folder) {
      say(`  writing ${recipe.name} with ${(weights / 1e6).toFixed(0)} million random weights into ${cache}`);
      await writeCheckpoint(folder, recipe);
    },
  });
  const modelsDir = await madeFolder(join(cache, 'models'), {
    recipe: makersChecksum(root),
    neededBytes: 8 * weights + 100e6,
    make: (folder) => installBoth(checkpoint, folder, { name: recipe.name, say }),
  });
  const [fp32, int8] = await Promise.all([
    loadBundle(join(modelsDir, recipe.name, 'fp32')),
    loadBundle(join(modelsDir, recipe.name, 'int8')),
  ]);
  return { modelsDir, checkpoint, fp32, int8 };
}

async function installBoth(
  checkpoint: string,
  modelsDir: string,
  { name, say }: { name: string; say: Making['say'] },
): Promise<void> {
  const source = await folderSource(checkpoint, undefined);
  const print = (line: string) => say(`  ${line}`);
  const { stderr: stream } = process;
  const installed = await installBundle(source, {
    ...{ modelsDir, name, version: 'fp32', variant: 'fp32', provider: 'cpu', aliases: [], licence: undefined },
    ...{ maxLengthTokens, print, stream },
  });
  if (!installed.ok) throw new Error(installed.message);
  const folder = join(modelsDir, name, 'int8');
  await mkdir(folder);
  for (const file of jsonFiles) await copyFile(join(checkpoint, file), join(folder, file));
  const small = await readSmallFiles(folder);
  if (!small.ok) throw new Error(small.message);
  const exported = await exportSafetensors(source, folder, { small: small.files, precision: 'int8', print, stream });
  if (!exported.ok) throw new Error(exported.message);
  const { manifest } = installed;
  const tokenBudget = { cpu: manifest.tokenBudget.cpu };
  await writeManifest(
    { manifest: { ...manifest, version: 'int8', dtype: 'int8', tokenBudget }, roles: exported.roles },
    folder,
  );
}
