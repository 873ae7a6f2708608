import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LateInteractionManifest } from '@rerank-fleet/scoring';
import { describeSessionContract, fixtureModels } from '@rerank-fleet/scoring/testing';
import { loadBundle, openEncoder, openSession, type Bundle } from './index';

const bundleDir = join(__dirname, '../../../models/multilingual-e5-small/1');
const fixture = (name: string) => join(__dirname, '../../scoring/fixtures/bad', name, 'model.onnx');
const processor = { addsInt8PairsIn16Bits: true };
const cpu = { provider: 'cpu', processor, threads: 1 } as const;

let bundle: Bundle;
let dir: string;

beforeAll(async () => {
  bundle = await loadBundle(bundleDir);
  dir = await mkdtemp(join(tmpdir(), 'model-runtime-'));
});
afterAll(() => rm(dir, { recursive: true }));

describeSessionContract('onnxruntime', async () => {
  const session = await openSession(bundle, cpu);
  const encoder = await openEncoder(bundle);
  return { session, encoder };
});

/** The default bundle with other words in its manifest; its files are as they were. */
const changed = (change: Partial<LateInteractionManifest>): Bundle => ({
  ...bundle,
  manifest: { ...(bundle.manifest as LateInteractionManifest), ...change },
});

/** A bundle whose model is one of the broken graphs. */
async function broken(name: string): Promise<Bundle> {
  await copyFile(fixture(name), join(dir, 'model.onnx'));
  return { ...bundle, dir };
}

describe('openSession refuses', () => {
  test.each([
    ['opset-too-new', /model\.onnx needs ONNX opset 99, .* up to \d+: update onnxruntime-node/],
    ['ir-too-new', /model\.onnx has ONNX IR version 99, .* up to \d+: update onnxruntime-node/],
    ['unknown-operator', /model\.onnx uses the operator example\.custom:FusedRerankHead/],
    ['missing-external-data', /model\.onnx keeps its weights in model\.onnx_data, which is missing/],
    ['good', /has the inputs input_ids, attention_mask; the manifest names input_ids, .*query_mask: map them/],
  ])('%s, in one line that names the fault', async (name, message) => {
    const opening = openSession(await broken(name), cpu);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toMatchObject({ name: 'BundleError', message: expect.stringMatching(/^.+$/) });
  });

  test('external data that is cut short', async () => {
    await writeFile(join(dir, 'model.onnx_data'), new Uint8Array(8_208));
    const opening = openSession(await broken('external-data-too-short'), cpu);
    await expect(opening).rejects.toThrow(/external data of .*model\.onnx is cut short: 8208 bytes, .* 16416/);
    await rm(join(dir, 'model.onnx_data'));
  });

  test('a file that is no graph', async () => {
    await writeFile(join(dir, 'model.onnx'), 'not a graph');
    await expect(openSession({ ...bundle, dir }, cpu)).rejects.toThrow(/model\.onnx is not a complete ONNX file/);
  });

  test('a graph without the output that the manifest names', async () => {
    const outputs = { tokenVectors: 'token_vectors', score: 'scores' };
    await expect(openSession(changed({ outputs }), cpu)).rejects.toThrow(
      /has the outputs .*; the manifest names token_vectors, scores: map them/,
    );
  });

  test('an embedding with fewer rows than the vocabulary', async () => {
    await expect(openSession(changed({ vocabularySize: 300_000 }), cpu)).rejects.toThrow(
      /its embedding has 250037 rows, but the tokenizer has larger ids \(299999 was read\)/,
    );
  });

  /** The good graph with a size in place of the name of an axis, filled up to the same length by a note. */
  async function withFixedAxis(axis: string, size: number): Promise<Bundle> {
    const named = String.fromCharCode(0x12, axis.length) + axis;
    const fixed = String.fromCharCode(0x08, size, 0x1a, axis.length - 2) + 'x'.repeat(axis.length - 2);
    const graph = (await readFile(fixture('good'))).toString('latin1').replaceAll(named, fixed);
    await writeFile(join(dir, 'model.onnx'), graph, 'latin1');
    return { ...(await loadBundle(join(fixtureModels, 'tiny-xlmr/1'))), dir };
  }

  test.each([
    [
      'batch_size',
      1,
      64,
      /accepts only calls of 1 rows, but the manifest has maxRows 64: set maxRows to 1 in manifest\.json$/,
    ],
    [
      'batch_size',
      4,
      64,
      /accepts only calls of 4 rows, but the manifest has maxRows 64: export it with dynamic axes$/,
    ],
    ['batch_size', 4, 1, /accepts only calls of 4 rows, but the manifest has maxRows 1: export it with dynamic axes$/],
    ['sequence_length', 16, 64, /accepts only rows of 16 tokens: export it with dynamic axes$/],
  ])('a graph whose axis %s is fixed at %i, with up to %i rows', async (...[axis, size, maxRows, message]) => {
    const { manifest, ...rest } = await withFixedAxis(axis, size);
    await expect(openSession({ ...rest, manifest: { ...manifest, maxRows } }, cpu)).rejects.toThrow(message);
  });

  test('no graph that takes one row, where the manifest says so', async () => {
    const { manifest, ...rest } = await withFixedAxis('batch_size', 1);
    const session = await openSession({ ...rest, manifest: { ...manifest, maxRows: 1 } }, cpu);
    expect(session.traits.maxRows).toBe(1);
    await session.close();
  });

  test('CUDA where its libraries are missing, instead of running on the CPU', async () => {
    await expect(openSession(bundle, { ...cpu, provider: 'cuda' })).rejects.toThrow(/^CUDA cannot be used .+$/);
  });

  test('vectors of another size', async () => {
    await expect(openSession(changed({ vectorSize: 768 }), cpu)).rejects.toThrow(/model\.onnx cannot be used/);
  });
});
