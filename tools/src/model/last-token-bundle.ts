import { basename, join } from 'node:path';
import { BundleError } from '@rerank-fleet/model-runtime';
import { InvalidScoreError, type CausalYesNoManifest, type Manifest } from '@rerank-fleet/scoring';
import type { GoldenCase } from './golden';
import { lastTokensInput, writeLastTokenGraph } from './onnx/last-token';

type WithoutFiles<Type> = Type extends unknown ? Omit<Type, 'files'> : never;

/** A bundle that is being made: its manifest without the files, and these by role. */
export interface Draft {
  manifest: WithoutFiles<Manifest>;
  roles: Record<string, string>;
}

/** Writes manifest.json, loads the bundle as a worker does and scores a few texts. */
export type TryBundle = (draft: Draft) => Promise<GoldenCase[]>;

/** How much a logit may change when a product has fewer rows. */
const difference = 0.001;
const halfPrecisionDifference = 0.02;

/** Most memory for the logits of one row, where a graph gives them for every token. */
const logitsBytesMax = 1_250_000_000;

/**
 * The draft with a graph that gives logits of last tokens alone, where that can be written and its scores are those of the
 * whole graph, which is tried first; else the draft with rows that its logits leave memory for.
 */
export async function withLastTokenGraph(
  draft: Draft,
  staging: string,
  tryBundle: TryBundle,
): Promise<{ draft: Draft; cases: GoldenCase[] }> {
  const manifest = draft.manifest as WithoutFiles<CausalYesNoManifest>;
  // not for a GPU, whose batches are large: the logits of each of their tokens would come back to the CPU
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

/** None when the bundle cannot be loaded or gives no numbers: the whole graph, which was tried before, stays. */
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
