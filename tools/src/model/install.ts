import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BundleError, loadBundle } from '@rerank-fleet/model-runtime';
import { ExportError } from '@rerank-fleet/onnx-export';
import {
  InvalidScoreError,
  manifestFormatVersion,
  parseManifest,
  type BundleFile,
  type Manifest,
} from '@rerank-fleet/scoring';
import { scorePairs, writeGolden, type GoldenCase } from './golden';
import { withLastTokenGraph, type Draft } from './last-token-bundle';
import type { ProgressOptions } from './hub/progress';
import { weightsOf, type WantedWeights, type WeightsOptions } from './choose-weights';
import { exportSafetensors } from './export-safetensors';
import {
  fetchExport,
  fetchSmallFiles,
  generatedFiles,
  jsonFiles,
  plainName,
  failed,
  failedUnlessFp32,
  refusedFiles,
  type FetchedModel,
  type Step,
} from './fetch-export';
import { int8PairsMayOverflow } from './onnx/int8-pairs';
import { quantize } from './quantization/quantize';
import { recognise, type RecognisedModel } from './recognise/recognise';
import { readSmallFiles, type SmallFiles } from './small-files';
import type { ModelSource } from './source';
import { SharedCallError, catchBundleError, tryLongestRow, tryRows, withBundle } from './trial';

export interface InstallOptions extends WeightsOptions {
  modelsDir: string;
  name: string;
  /** Default: made from the source's date, commit and variant. */
  version?: string;
  aliases: string[];
  licence: string | undefined;
  /** Longest row, if the model's own limit is not lower. */
  maxLengthTokens: number;
  print(line: string): void;
  /** Where progress is shown. */
  stream: ProgressOptions['stream'];
}

/** An installed bundle. `cases` is empty when it was already installed. */
export type Installed = Step<{ folder: string; manifest: Manifest; cases: GoldenCase[] }>;

/**
 * Makes a bundle of a source's files. It fetches them, recognises the model, writes the manifest, loads the model as a
 * worker does, scores a few texts, and tests rows that share a call, an empty document and the longest row. The bundle
 * appears in the models folder only when all steps have succeeded. After a failure that is not a matter of the files,
 * those that were downloaded stay in the staging folder, and the next attempt continues from there. No fetched file is
 * executed.
 *
 * A variant that was not asked for and is too far from fp32 is replaced by fp32.
 */
export async function installBundle(source: ModelSource, options: InstallOptions): Promise<Installed> {
  const chosen = await weightsOf(source, options);
  if (!chosen.ok) return chosen;
  const { weights, reason } = chosen;
  if (weights.kind === 'onnx') return installWeights(source, weights, options);
  if (reason !== undefined) options.print(`variant ${weights.precision}: ${reason} (--variant takes another)`);
  const installed = await installWeights(source, weights, options);
  if (installed.ok || !installed.needsFp32) return installed;
  const exact = { ...weights, precision: 'fp32' } as const;
  await moveStaging(source, options, [weights, exact]);
  if (reason === undefined) return failed(`${installed.message}: use --variant fp32`);
  options.print(`${installed.message}: fp32 is taken instead`);
  return installWeights(source, exact, options);
}

/** Keeps what was downloaded for one variant for another one, because both are made of the same files. */
async function moveStaging(
  source: ModelSource,
  options: InstallOptions,
  variants: [from: WantedWeights, to: WantedWeights],
): Promise<void> {
  const [from = '', to = ''] = variants.map((each) => stagingOf(options, versionOf(source, each, options)));
  if (from === to || source.commit === undefined) return;
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

const stagingOf = ({ modelsDir, name }: InstallOptions, version: string): string =>
  join(modelsDir, '.pull', `${name}@${version}`);

async function installWeights(
  source: ModelSource,
  weights: WantedWeights,
  options: InstallOptions,
): Promise<Installed> {
  const version = versionOf(source, weights, options);
  for (const [what, name] of Object.entries({ name: options.name, version })) {
    if (!plainName.test(name))
      return failed(`--${what} may contain only letters, digits, dots, dashes and underscores`);
  }
  const folder = join(options.modelsDir, options.name, version);
  if (existsSync(folder)) return existingBundle(folder, isNamedByCommit(source, options));
  const staging = stagingOf(options, version);
  // Without a commit, files from an earlier attempt may be other versions.
  if (source.commit === undefined) await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const made = await makeIn(staging, weights, { ...options, source, version });
  if (!made.ok) {
    if (made.isFinal || source.commit === undefined) await rm(staging, { recursive: true });
    return made;
  }
  await mkdir(dirname(folder), { recursive: true });
  await rename(staging, folder);
  return { ...made, folder };
}

/** Fetches the files into the staging folder and makes the bundle there. */
async function makeIn(
  staging: string,
  weights: WantedWeights,
  identity: Identity,
): Promise<Step<{ manifest: Manifest; cases: GoldenCase[] }>> {
  const { source } = identity;
  const small = await fetchSmallFiles(source, staging);
  if (!small.ok) return small;
  const read = await readSmallFiles(staging);
  if (!read.ok) return refusedFiles(`${source.label}: ${read.message}`);
  const fetched =
    weights.kind === 'onnx'
      ? await fetchExport(source, weights.path, staging)
      : await exportSafetensors(source, staging, { ...identity, small: read.files, precision: weights.precision });
  return fetched.ok ? makeBundle({ ...fetched, small: read.files }, staging, identity) : fetched;
}

/** Whether the version contains the commit and the variant, so that the same version means the same bundle. */
function isNamedByCommit({ commit }: ModelSource, { version }: InstallOptions): boolean {
  return version === undefined && commit !== undefined;
}

async function existingBundle(folder: string, isSame: boolean): Promise<Installed> {
  if (!isSame) return failed(`${folder} already exists: remove it first, or give another version`);
  const loaded = await catchBundleError(() => loadBundle(folder));
  return loaded.ok ? { ok: true, folder, manifest: loaded.value.manifest, cases: [] } : loaded;
}

/** Removes the staging folders of bundles of one name. Those of other names stay: a pull may be running. */
export async function removeStaging(modelsDir: string, name: string): Promise<void> {
  const staging = join(modelsDir, '.pull');
  const left = await readdir(staging).catch(() => []);
  for (const each of left.filter((one) => one.startsWith(`${name}@`))) {
    await rm(join(staging, each), { recursive: true, force: true });
  }
}

/** The date comes first, so that the newest version is the last one in the order that routing uses. */
function versionOf({ date, commit }: ModelSource, chosen: WantedWeights, { version }: InstallOptions): string {
  if (version !== undefined) return version;
  const day = date.toISOString().slice(0, 10).replaceAll('-', '');
  const ofExport = basename(chosen.path, '.onnx')
    .replace(/^model[_-]?/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-');
  const variant = chosen.kind === 'onnx' ? ofExport : chosen.precision;
  return [day, commit?.slice(0, 7), variant].filter((part) => part !== undefined && part !== '').join('-');
}

interface Identity extends InstallOptions {
  source: ModelSource;
  version: string;
}

async function makeBundle(
  { graph, roles, small, made }: FetchedModel & { small: SmallFiles },
  staging: string,
  identity: Identity,
): Promise<Step<{ manifest: Manifest; cases: GoldenCase[] }>> {
  const { source, print } = identity;
  const recognised = recognise({
    ...small,
    graph,
    int8PairsMayOverflow: await int8PairsMayOverflow(graph, join(staging, roles['model'] ?? '')),
    maxLengthTokens: identity.maxLengthTokens,
  });
  if (!recognised.ok) return refusedFiles(`${source.label} cannot be served: ${recognised.reason}`);
  const { model } = recognised;
  print(`recognised: ${model.head}, ${model.dtype}`);
  try {
    const files = await describeFiles(staging, roles);
    const draft = { manifest: manifestOf(model, files, identity), roles };
    const tried = await withRowsThatShareCalls(draft, staging, print);
    const { draft: kept } = tried;
    let { cases } = tried;
    if (made) {
      const quantized = await quantize({ draft: kept, folder: staging, ...made, writeManifest, print });
      if (!quantized.ok) return failedUnlessFp32(`${source.label}: ${quantized.message}`);
      cases = await tryBundle({ ...kept, manifest: { ...kept.manifest, quantization: quantized.cost } }, staging);
    }
    await writeGolden(staging, cases);
    await keepOnly([...Object.values(kept.roles), ...jsonFiles, ...generatedFiles], staging);
    const bundle = await loadBundle(staging);
    const { maxLengthTokens } = bundle.manifest;
    print(`testing its longest row, ${maxLengthTokens} tokens; if memory runs out, give a smaller --max-length`);
    await withBundle(bundle, tryLongestRow, availableParallelism());
    return { ok: true, manifest: bundle.manifest, cases };
  } catch (error) {
    if (error instanceof BundleError) return failed(error.message);
    if (error instanceof ExportError) return failed(`${source.label}: ${error.message}`);
    if (error instanceof InvalidScoreError) return refusedFiles(`${source.label} gives values that are not numbers`);
    throw error;
  }
}

type Tried = { draft: Draft; cases: GoldenCase[] };

/** Tests the draft. If rows that share a call get other scores than alone, the draft is served one row per call. */
async function withRowsThatShareCalls(draft: Draft, staging: string, print: InstallOptions['print']): Promise<Tried> {
  const tried = (one: Draft) => tryBundle(one, staging);
  const make = async (one: Draft): Promise<Tried> =>
    one.manifest.head === 'causal-yes-no'
      ? withLastTokenGraph(one, staging, tried)
      : { draft: one, cases: await tried(one) };
  try {
    return await make(draft);
  } catch (error) {
    if (!(error instanceof SharedCallError) || draft.manifest.maxRows === 1) throw error;
    print(`${error.message}: it is served one row per call`);
    return make({ ...draft, manifest: { ...draft.manifest, maxRows: 1 } });
  }
}

/** Removes files that are not part of the bundle: replaced graphs, and files from earlier attempts. */
async function keepOnly(names: readonly string[], staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    if (!names.includes(name)) await rm(join(staging, name), { recursive: true });
  }
}

/**
 * Scores a few texts, and tests rows that share calls.
 * @throws BundleError when the bundle cannot be loaded, InvalidScoreError when it gives no numbers
 */
async function tryBundle({ manifest, roles }: Draft, staging: string): Promise<GoldenCase[]> {
  await writeManifest({ manifest, roles }, staging);
  return withBundle(await loadBundle(staging), async (open) => {
    const cases = await scorePairs(open);
    await tryRows(open);
    return cases;
  });
}

/** Writes manifest.json with the sizes and checksums of the files in a folder. */
export async function writeManifest({ manifest, roles }: Draft, folder: string): Promise<void> {
  const parsed = parseManifest({ ...manifest, files: await describeFiles(folder, roles) });
  if (!parsed.ok) throw new BundleError(`its manifest would be wrong at ${parsed.reason}`);
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(parsed.manifest, null, 2)}\n`);
}

/** Largest difference between the scores of one pair on different processors, by the precision of the weights. */
const tolerances: Record<string, { raw: number; score: number; meanRaw: number }> = {
  float32: { raw: 0.001, score: 0.001, meanRaw: 0.0005 },
  float16: { raw: 0.05, score: 0.02, meanRaw: 0.02 },
};
const quantizedTolerance = { raw: 0.5, score: 0.15, meanRaw: 0.2 };

function manifestOf(model: RecognisedModel, files: Record<string, BundleFile>, identity: Identity): Draft['manifest'] {
  const { source, name, version, aliases, licence } = identity;
  return {
    formatVersion: manifestFormatVersion,
    name,
    version,
    aliases,
    ...model,
    tolerance: {
      golden: tolerances[model.dtype] ?? quantizedTolerance,
      sameMachine: model.dtype === 'float16' ? 0.001 : 0.00001,
      note: 'Scores of one pair may differ in their last digits between kinds of processor. With quantized weights they differ more, because the last bit can change a rounding.',
    },
    licence: licence ?? source.licence ?? 'unknown',
    source: source.commit === undefined ? `local/${name}` : source.label,
    revision: source.commit ?? `sha256:${(files['modelData'] ?? files['model'])?.sha256.slice(0, 12)}`,
  };
}

async function describeFiles(staging: string, roles: Record<string, string>): Promise<Record<string, BundleFile>> {
  const described = Object.entries(roles).map(async ([role, path]) => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(staging, path)), hash);
    const { size } = await stat(join(staging, path));
    return [role, { path, sha256: hash.digest('hex'), sizeBytes: size }] as const;
  });
  return Object.fromEntries(await Promise.all(described));
}
