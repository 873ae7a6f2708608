import { copyFile, mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import { loadBundle, openEncoder, readOutputs, readProcessor, type EncodedPair } from '@rerank-fleet/model-runtime';
import { errorOutput } from '@rerank-fleet/onnx-export';
import { encodePairs } from '@rerank-fleet/scoring';
import { tokenizerRoles, type WriteGraph } from '../fetch-export';
import type { Draft } from '../last-token-bundle';
import { readGraph } from '../onnx/read-graph';
import { withBundle } from '../trial';
import { costOf, describeCost, isAcceptable, scoreMeasured, type QuantizationCost } from './measure';
import { measuredQueries } from './pairs';

export interface QuantizeOptions {
  /** A bundle with int8 weights in its folder, and how its manifest is written. */
  draft: Draft;
  folder: string;
  writeGraph: WriteGraph;
  writeManifest(draft: Draft, folder: string): Promise<void>;
  print(line: string): void;
}

/**
 * Measures what int8 costs against fp32 on this machine. If that is too much, the layers with the largest errors become
 * fp32: one, two, four and so on, at most a quarter of them.
 */
export async function quantize(
  options: QuantizeOptions,
): Promise<Result<{ cost: QuantizationCost }, { message: string }>> {
  const { folder, writeGraph, print } = options;
  const exactFolder = join(folder, 'exact');
  try {
    await writeAs(exactFolder, 'fp32', options);
    const reference = await scoresOf(exactFolder);
    const measure = async () => costOf(reference, await scoresOf(folder));
    let cost = await measure();
    print(describeCost(cost));
    if (isAcceptable(cost)) return { ok: true, cost: { ...cost, exactLayers: [] } };
    print('these scores are too far from fp32: looking for layers that must stay fp32');
    const layers = await layersByError(exactFolder, options);
    for (let count = 1; count <= Math.max(1, layers.length / 4); count *= 2) {
      const exactLayers = layers.slice(0, count);
      await writeGraph(folder, { precision: 'int8', exactLayers });
      await options.writeManifest(options.draft, folder);
      cost = await measure();
      print(`${count} of ${layers.length} layers in fp32 (${exactLayers.join(', ')}): ${describeCost(cost)}`);
      if (isAcceptable(cost)) return { ok: true, cost: { ...cost, exactLayers } };
    }
    return {
      ok: false,
      message: `its scores in int8 are too far from fp32 (${describeCost(cost)}): use --variant fp32`,
    };
  } finally {
    await rm(exactFolder, { recursive: true, force: true });
  }
}

const scoresOf = async (folder: string): Promise<number[][]> =>
  withBundle(await loadBundle(folder), scoreMeasured, availableParallelism());

/** Writes the same bundle in another precision into a folder of its own. */
async function writeAs(
  folder: string,
  precision: 'fp32' | 'compared',
  { draft, folder: from, writeGraph, writeManifest }: QuantizeOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeGraph(folder, { precision });
  for (const name of Object.values(tokenizerRoles)) await copyFile(join(from, name), join(folder, name));
  await writeManifest({ ...draft, manifest: { ...draft.manifest, dtype: 'float32' } }, folder);
}

/** Names of the linear layers, those with the largest mean error of their int8 output first. */
async function layersByError(folder: string, options: QuantizeOptions): Promise<string[]> {
  await writeAs(folder, 'compared', options);
  const bundle = await loadBundle(folder);
  const { outputs: all } = await readGraph(join(folder, bundle.manifest.files.model.path));
  const outputs = all.map(({ name }) => name).filter((name) => name.startsWith(errorOutput));
  const encoder = await openEncoder(bundle);
  const pairs = measuredQueries.flatMap(({ query, documents }): EncodedPair[] => {
    const encoded = encodePairs(encoder, { query, documents: documents.slice(0, 1) });
    return encoded.ok ? encoded.documents.map((document) => ({ query: encoded.query, document })) : [];
  });
  const session = { provider: 'cpu', threads: availableParallelism(), processor: await readProcessor() } as const;
  const results = await readOutputs(bundle, session, { pairs, outputs });
  const errors = outputs.map((name) => {
    // a layer that gives only zeros has no relative error
    const sum = results.reduce((total, result) => total + (result[name]?.data[0] || 0), 0);
    return { layer: name.slice(errorOutput.length), error: sum / results.length };
  });
  return errors.sort((a, b) => b.error - a.error).map(({ layer }) => layer);
}
