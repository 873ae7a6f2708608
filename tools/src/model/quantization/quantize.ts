import { copyFile, mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Refused, Result } from '@rerank-fleet/contract';
import { loadBundle, openEncoder, readOutputs, readProcessor, type EncodedPair } from '@rerank-fleet/model-runtime';
import { observedOutput } from '@rerank-fleet/onnx-export';
import { encodePairs } from '@rerank-fleet/scoring';
import { tokenizerRoles, type ReducedPrecision, type WriteGraph } from '../fetch-export';
import type { Draft } from '../last-token-bundle';
import { readGraph } from '../onnx/read-graph';
import { withBundle } from '../trial';
import { costOf, describeCost, isAcceptable, scoreMeasured, type QuantizationCost } from './measure';
import { measuredQueries } from './pairs';

export interface QuantizeOptions {
  precision: ReducedPrecision;
  /** A bundle with weights of this precision in its folder, and how its manifest is written. */
  draft: Draft;
  folder: string;
  writeGraph: WriteGraph;
  writeManifest(draft: Draft, folder: string): Promise<void>;
  print(line: string): void;
}

export type Quantized = Result<{ cost: QuantizationCost }, { message: string }>;

/** Half of what float16 holds, because other texts give larger values. */
const activationMax = 32_000;

/**
 * Measures what fewer bits cost against fp32 on this machine. If that is too much in int8 or q4, the layers with the
 * largest errors become fp32: one, two, four and so on, at most a quarter of them.
 */
export async function quantize(options: QuantizeOptions): Promise<Quantized> {
  const { folder, precision, print } = options;
  const exactFolder = join(folder, 'exact');
  try {
    await writeAs(exactFolder, precision === 'fp16' ? { observed: 'range' } : {}, options);
    if (precision === 'fp16') {
      const refused = await beyondFloat16(exactFolder);
      if (refused) return refused;
    }
    const reference = await scoresOf(exactFolder);
    const measure = async () => costOf(reference, await scoresOf(folder));
    const cost = await measure();
    print(describeCost(cost));
    if (isAcceptable(cost, precision)) return { ok: true, cost: { ...cost, exactLayers: [] } };
    if (precision === 'fp16') return tooFar(precision, describeCost(cost));
    print('these scores are too far from fp32: looking for layers that must stay fp32');
    await writeAs(exactFolder, { observed: precision }, options);
    return await withExactLayers(await observedLayers(exactFolder), measure, { ...options, precision });
  } finally {
    await rm(exactFolder, { recursive: true, force: true });
  }
}

/** Makes layers fp32, those with the largest errors first, until the cost is acceptable. */
async function withExactLayers(
  observed: readonly ObservedLayer[],
  measure: () => Promise<Omit<QuantizationCost, 'exactLayers'>>,
  { precision, folder, writeGraph, writeManifest, draft, print }: QuantizeOptions,
): Promise<Quantized> {
  const layers = observed.map(({ layer }) => layer);
  let figures = '';
  for (let count = 1; count <= Math.max(1, layers.length / 4); count *= 2) {
    const exactLayers = layers.slice(0, count);
    await writeGraph(folder, { precision, exactLayers });
    await writeManifest(draft, folder);
    const cost = await measure();
    figures = describeCost(cost);
    print(`${count} of ${layers.length} layers in fp32 (${exactLayers.join(', ')}): ${figures}`);
    if (isAcceptable(cost, precision)) return { ok: true, cost: { ...cost, exactLayers } };
  }
  return tooFar(precision, figures);
}

function tooFar(precision: ReducedPrecision, figures: string): Refused<{ message: string }> {
  return { ok: false, message: `its scores in ${precision} are too far from fp32 (${figures})` };
}

/**
 * Refuses a model whose activations may become infinite in float16. This is read from the fp32 graph, because
 * onnxruntime computes most of a float16 graph in fp32 on a CPU.
 */
async function beyondFloat16(folder: string): Promise<Refused<{ message: string }> | undefined> {
  const [largest] = await observedLayers(folder);
  if (!largest || largest.value <= activationMax) return undefined;
  return {
    ok: false,
    message: `its activations reach ${Math.round(largest.value)} at ${largest.layer}, which is too near to the limit of float16 (65504)`,
  };
}

const scoresOf = async (folder: string): Promise<number[][]> =>
  withBundle(await loadBundle(folder), scoreMeasured, availableParallelism());

/** Writes the same bundle in fp32 into a folder of its own, with what is observed of its layers. */
async function writeAs(
  folder: string,
  observed: Pick<Parameters<WriteGraph>[1], 'observed'>,
  { draft, folder: from, writeGraph, writeManifest }: QuantizeOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeGraph(folder, { precision: 'fp32', ...observed });
  for (const name of Object.values(tokenizerRoles)) await copyFile(join(from, name), join(folder, name));
  await writeManifest({ ...draft, manifest: inFloat32(draft.manifest) }, folder);
}

/** The manifest of the same model in fp32. */
function inFloat32(manifest: Draft['manifest']): Draft['manifest'] {
  const dtype = 'float32' as const;
  if (!('cache' in manifest) || manifest.cache === undefined) return { ...manifest, dtype };
  return { ...manifest, dtype, cache: { ...manifest.cache, dtype } };
}

/** What was observed of a layer: the largest value over one document per query. */
interface ObservedLayer {
  layer: string;
  value: number;
}

/** The observed layers of a bundle, the largest value first. */
async function observedLayers(folder: string): Promise<ObservedLayer[]> {
  const bundle = await loadBundle(folder);
  const { outputs: all } = await readGraph(join(folder, bundle.manifest.files.model.path));
  const outputs = all.map(({ name }) => name).filter((name) => name.startsWith(observedOutput));
  const encoder = await openEncoder(bundle);
  const pairs = measuredQueries.flatMap(({ query, documents }): EncodedPair[] => {
    const encoded = encodePairs(encoder, { query, documents: documents.slice(0, 1) });
    return encoded.ok ? encoded.documents.map((document) => ({ query: encoded.query, document })) : [];
  });
  const session = { provider: 'cpu', threads: availableParallelism(), processor: await readProcessor() } as const;
  const results = await readOutputs(bundle, session, { pairs, outputs });
  const values = outputs.map((name) => {
    // a layer that gives only zeros has no relative error
    const found = results.map((result) => Number(result[name]?.data[0]) || 0);
    return { layer: name.slice(observedOutput.length), value: Math.max(...found) };
  });
  return values.sort((a, b) => b.value - a.value);
}
