import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJsonFile } from '@rerank-fleet/model-runtime';
import { indexFile, isKnownArchitecture, type Precision } from '@rerank-fleet/onnx-export';
import type { Provider } from '@rerank-fleet/scoring';
import { failed, fetchFiles, sizeOf, type Step } from './fetch-export';
import type { ModelSource } from './source';
import { chooseWeights, defaultPrecision, formatsOf, type Variant, type WeightFormat } from './variants';

/** The file to begin with, and for safetensors what is made of them. */
export type WantedWeights =
  { kind: 'onnx'; path: string } | { kind: 'safetensors'; path: string; precision: Precision };

export interface WeightsOptions {
  variant?: Variant;
  /** Default: the owner's safetensors where their architecture is known. */
  from?: WeightFormat;
  /** What the bundle will be served on. */
  provider: Provider;
}

const shard = /^[^/]+\.safetensors$/;

/** Chooses the weights of a source. `reason` says why this precision was taken where none was asked for. */
export async function weightsOf(
  source: ModelSource,
  { variant, from, provider }: WeightsOptions,
): Promise<Step<{ weights: WantedWeights; reason?: string }>> {
  const paths = source.files.map(({ path }) => path);
  const { hasExport, safetensors } = formatsOf(paths);
  const isAsked = from === undefined && hasExport && safetensors !== undefined;
  const known = isAsked ? await knowsArchitectureOf(source) : ({ ok: true, isKnown: true } as const);
  if (!known.ok) return known;
  const chosen = chooseWeights(paths, { variant, from, isKnown: known.isKnown });
  if (!chosen.ok) return failed(`${source.label}: ${chosen.message}`);
  if (chosen.kind === 'onnx') return { ok: true, weights: chosen };
  if (variant !== undefined) return { ok: true, weights: { ...chosen, precision: variant } };
  const isWeights = (path: string) => path === chosen.path || (chosen.path === indexFile && shard.test(path));
  const weightBytes = source.files.reduce((sum, { path, sizeBytes }) => sum + (isWeights(path) ? sizeBytes : 0), 0);
  const { precision, reason } = defaultPrecision(provider, weightBytes);
  return { ok: true, weights: { ...chosen, precision }, reason };
}

/** Whether the config.json of a source names a known architecture. It is read before there is a staging folder. */
async function knowsArchitectureOf(source: ModelSource): Promise<Step<{ isKnown: boolean }>> {
  const name = 'config.json';
  // that it is missing is said later
  if (sizeOf(source, name) === undefined) return { ok: true, isKnown: false };
  const folder = await mkdtemp(join(tmpdir(), 'model-config-'));
  try {
    const fetched = await fetchFiles(source, [name], folder);
    if (!fetched.ok) return fetched;
    const config = parseJsonFile(await readFile(join(folder, name)));
    return { ok: true, isKnown: config.ok && isKnownArchitecture(config.json) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
