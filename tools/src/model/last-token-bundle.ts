import { basename, join } from 'node:path';
import { BundleError } from '@rerank-fleet/model-runtime';
import { InvalidScoreError, type CausalYesNoManifest, type Manifest } from '@rerank-fleet/scoring';
import type { GoldenCase } from './golden';
import { lastTokensInput, writeLastTokenGraph } from './onnx/last-token';

type WithoutFiles<Type> = Type extends unknown ? Omit<Type, 'files'> : never;

/** An unfinished bundle: its manifest without the files, and the file names by role. */
export interface Draft {
  manifest: WithoutFiles<Manifest>;
  roles: Record<string, string>;
}

/** Writes manifest.json, loads the bundle as a worker does and scores a few texts. */
export type TryBundle = (draft: Draft) => Promise<GoldenCase[]>;

/** Largest change of a logit when a matrix product has fewer rows. */
const difference = 0.001;
const halfPrecisionDifference = 0.02;

/** Memory limit for the logits of one row, for graphs that output logits for every token. */
const logitsBytesMax = 1_250_000_000;

/**
 * Tries to replace the graph of a draft by one that outputs logits for last tokens only. The new graph is kept if it
 * can be written and gives the scores of the whole graph, which is scored first. Otherwise the whole graph stays, and
 * its longest row is limited so that the logits fit in memory.
 */
export async function withLastTokenGraph(
  draft: Draft,
  staging: string,
  tryBundle: TryBundle,
): Promise<{ draft: Draft; cases: GoldenCase[] }> {
  const manifest = draft.manifest as WithoutFiles<CausalYesNoManifest>;
  // Not for a GPU: its batches are large, and the logits of every token would be copied back to the CPU.
  const tokenBudget = { cpu: manifest.tokenBudget.cpu };
  const whole = { ...draft, manifest: { ...manifest, tokenBudget, maxLengthTokens: affordableLength(manifest) } };
  const cases = await tryBundle(whole);
  const model = draft.roles['model'] ?? '';
  const name = `${basename(model, '.onnx')}-last-token.onnx`;
  if (!(await writeLastTokenGraph(join(staging, model), join(staging, name)))) return { draft: whole, cases };
  const last: Draft = {
    manifest: { ...manifest, inputs: { ...manifest.inputs, lastTokens: lastTokensInput } },
    roles: { ...draft.roles, model: name },
  };
  const lastCases = await casesOrNone(() => tryBundle(last));
  const allowed = manifest.dtype === 'float16' ? halfPrecisionDifference : difference;
  const isSame = cases.every(({ raw }, index) => Math.abs(raw - (lastCases[index]?.raw ?? NaN)) <= allowed);
  return isSame ? { draft: last, cases: lastCases } : { draft: whole, cases: await tryBundle(whole) };
}

/** Returns no cases if the bundle cannot be loaded or its scores are not numbers. The whole graph is then kept. */
async function casesOrNone(work: () => Promise<GoldenCase[]>): Promise<GoldenCase[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BundleError || error instanceof InvalidScoreError) return [];
    throw error;
  }
}

function affordableLength({ maxLengthTokens, vocabularySize }: WithoutFiles<CausalYesNoManifest>): number {
  return Math.min(maxLengthTokens, Math.floor(logitsBytesMax / (4 * vocabularySize)));
}
