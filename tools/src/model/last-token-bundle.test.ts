import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError } from '@rerank-fleet/model-runtime';
import { fixtureModels, readFixtureManifest } from '@rerank-fleet/scoring/testing';
import type { GoldenCase } from './golden';
import { withLastTokenGraph, type Draft } from './last-token-bundle';

let staging: string;
beforeEach(async () => {
  staging = await mkdtemp(join(tmpdir(), 'last-token-bundle-'));
  await copyFile(join(fixtureModels, 'tiny-qwen3/plain/model.onnx'), join(staging, 'model.onnx'));
});
afterEach(() => rm(staging, { recursive: true }));

function draft(changes: object = {}): Draft {
  const { files: _files, ...manifest } = { ...readFixtureManifest('tiny-qwen3', 'plain'), ...changes };
  return { manifest, roles: { model: 'model.onnx' } } as Draft;
}

const cases = (raw: number): GoldenCase[] => [{ query: 'q', document: 'd', raw, score: 0.5 }];

/** Gives a bundle's scores by whether its graph is the rewritten one, and remembers what was tried. */
function trial(whole: number, last: number) {
  const tried: Draft[] = [];
  const tryBundle = async (one: Draft): Promise<GoldenCase[]> => {
    tried.push(one);
    return cases('lastTokens' in one.manifest.inputs ? last : whole);
  };
  return { tried, tryBundle };
}

it('keeps the rewritten graph when it scores as the whole one, which is tried first', async () => {
  const { tried, tryBundle } = trial(1.5, 1.5004);
  const kept = await withLastTokenGraph(draft(), staging, tryBundle);
  expect(tried.map(({ roles }) => roles['model'])).toEqual(['model.onnx', 'model-last-token.onnx']);
  expect(kept).toMatchObject({
    draft: { roles: { model: 'model-last-token.onnx' }, manifest: { inputs: { lastTokens: 'rerank_last_tokens' } } },
    cases: cases(1.5004),
  });
});

it.each([
  ['float32', 1.51],
  ['float16', 1.53],
  ['int8', 1.51],
  ['float32', NaN],
])('goes back to the whole graph when scores differ: %s, %d', async (dtype, last) => {
  const { tried, tryBundle } = trial(1.5, last);
  const kept = await withLastTokenGraph(draft({ dtype }), staging, tryBundle);
  expect(kept).toMatchObject({ draft: { roles: { model: 'model.onnx' } }, cases: cases(1.5) });
  // what is tried last is what the manifest on the disk describes
  expect(tried.at(-1)).toEqual(kept.draft);
});

it('goes back to the whole graph when the rewritten one cannot be loaded', async () => {
  const { tryBundle } = trial(1.5, 1.5);
  const failing = async (one: Draft): Promise<GoldenCase[]> => {
    if ('lastTokens' in one.manifest.inputs) throw new BundleError('output logits has another shape');
    return tryBundle(one);
  };
  const kept = await withLastTokenGraph(draft(), staging, failing);
  expect(kept).toMatchObject({ draft: { roles: { model: 'model.onnx' } }, cases: cases(1.5) });
});

it('bounds the rows of a whole graph by the memory of their logits', async () => {
  const { tryBundle } = trial(1, 9);
  const large = draft({ vocabularySize: 151_669, maxLengthTokens: 8_192 });
  expect((await withLastTokenGraph(large, staging, tryBundle)).draft.manifest.maxLengthTokens).toBe(2_060);
  const { tryBundle: same } = trial(1, 1);
  expect((await withLastTokenGraph(large, staging, same)).draft.manifest.maxLengthTokens).toBe(8_192);
});

it('gives only the rewritten graph a budget for CUDA', async () => {
  const both = draft({ tokenBudget: { cpu: 512, cuda: 8_192 } });
  const budgetOf = async (last: number) =>
    (await withLastTokenGraph(both, staging, trial(1, last).tryBundle)).draft.manifest.tokenBudget;
  expect(await budgetOf(1)).toEqual({ cpu: 512, cuda: 8_192 });
  expect(await budgetOf(9)).toEqual({ cpu: 512 });
});

it('leaves a graph alone whose output layer it does not find', async () => {
  await copyFile(join(fixtureModels, 'tiny-qwen3/seqcls/model.onnx'), join(staging, 'model.onnx'));
  const { tried, tryBundle } = trial(1.5, 1.5);
  const kept = await withLastTokenGraph(draft(), staging, tryBundle);
  expect(tried).toHaveLength(1);
  expect(kept.draft.roles).toEqual({ model: 'model.onnx' });
});
