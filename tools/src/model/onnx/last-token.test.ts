import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundle, openEncoder, openSession, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type CausalYesNoManifest, type Encoder, type Row, type Session } from '@rerank-fleet/scoring';
import { fixtureModels, readCases, type FixtureCase } from '@rerank-fleet/scoring/testing';
import { lastTokensInput, writeLastTokenGraph } from './last-token';
import { ProtobufError } from './protobuf';
import { readGraph } from './read-graph';

const cpu = { provider: 'cpu', threads: 1, processor: { addsInt8PairsIn16Bits: true } } as const;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'last-token-'))));
afterAll(() => rm(folder, { recursive: true }));

const modelOf = (version: string) => join(fixtureModels, 'tiny-qwen3', version, 'model.onnx');

/** The tiny bundle with its graph rewritten; the files are not checked again. */
async function rewritten(version: string): Promise<Bundle> {
  const bundle = await loadBundle(join(fixtureModels, 'tiny-qwen3', version));
  const manifest = bundle.manifest as CausalYesNoManifest;
  const dir = await mkdtemp(join(folder, `${version}-`));
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(bundle.dir, file), join(dir, file));
  expect(await writeLastTokenGraph(modelOf(version), join(dir, 'model.onnx'))).toBe(true);
  return { dir, manifest: { ...manifest, inputs: { ...manifest.inputs, lastTokens: lastTokensInput } } };
}

/** Logits of some cases, one row a call, encoded by the tiny bundle's tokenizer. */
async function scoresOf(bundle: Bundle): Promise<number[]> {
  const encoder = await openEncoder(await loadBundle(join(fixtureModels, 'tiny-qwen3', 'kv')));
  const session = await openSession(bundle, cpu);
  const logits: number[] = [];
  for (const one of readCases('tiny-qwen3').slice(0, 12)) {
    logits.push(...(await session.score([await rowOf(session, encoder, one)])));
  }
  await session.close();
  return logits;
}

async function rowOf(session: Session, encoder: Encoder, one: FixtureCase): Promise<Row> {
  const { query, document, instruction } = one;
  const input = { query, documents: [document], ...(instruction !== undefined && { instruction }) };
  const encoded = encodePairs(encoder, input);
  const [row] = encoded.ok ? encoded.documents : [];
  if (!encoded.ok || row === undefined) throw new Error('not encoded');
  return { query: await session.prepare(encoded.query), document: row };
}

describe('a graph that gives logits of last tokens alone', () => {
  it.each([
    ['plain', 1e-4],
    ['kv', 1e-4],
    ['gqa', 1e-4],
    ['fp16', 0.02],
  ])('scores as the whole one does, alone and in padded batches: %s', async (version, tolerance) => {
    const bundle = await rewritten(version);
    const encoder = await openEncoder(bundle);
    const session = await openSession(bundle, cpu);
    const cases = readCases('tiny-qwen3').filter(({ error, maxLength }) => error === undefined && maxLength === 1024);
    const rows: Row[] = [];
    for (const one of cases) rows.push(await rowOf(session, encoder, one));
    const alone: number[] = [];
    for (const row of rows) alone.push(...(await session.score([row])));
    const size = session.traits.mixesQueries ? 8 : 1;
    const batched: number[] = [];
    for (let at = 0; at < rows.length; at += size) batched.push(...(await session.score(rows.slice(at, at + size))));
    await session.close();
    for (const logits of [alone, batched]) {
      expect(logits).toHaveLength(cases.length);
      logits.forEach((logit, index) => expect(Math.abs(logit - (cases[index]?.logit ?? NaN))).toBeLessThan(tolerance));
    }
  });

  it('scores as the whole one does where vectors are quantized before the output layer', async () => {
    const source = join(fixtureModels, '../exports/tiny-qwen3-int8.onnx');
    const whole = await loadBundle(join(fixtureModels, 'tiny-qwen3', 'kv'));
    const bundle = await rewritten('kv');
    await writeLastTokenGraph(source, join(bundle.dir, 'model.onnx'));
    const wholeDir = join(folder, 'int8');
    await mkdir(wholeDir);
    await copyFile(source, join(wholeDir, 'model.onnx'));
    const [first, last] = [await scoresOf({ ...whole, dir: wholeDir }), await scoresOf(bundle)];
    first.forEach((logit, index) => expect(Math.abs(logit - (last[index] ?? NaN))).toBeLessThan(1e-5));
  });

  it('has one input and one node more, and the same weights', async () => {
    const target = join(folder, 'one-more.onnx');
    await writeLastTokenGraph(modelOf('kv'), target);
    const [before, after] = [await readGraph(modelOf('kv')), await readGraph(target)];
    expect(after.inputs).toEqual([
      ...before.inputs,
      { name: lastTokensInput, type: 'int64', dims: ['batch_size', 1, 2] },
    ]);
    expect({ ...after.operators }).toEqual({ ...before.operators, GatherND: 1 });
    expect(after.outputs).toEqual(before.outputs);
  });

  it('leaves the source as it was', async () => {
    const sha256 = async () =>
      createHash('sha256')
        .update(await readFile(modelOf('gqa')))
        .digest('hex');
    const before = await sha256();
    await writeLastTokenGraph(modelOf('gqa'), join(folder, 'copy.onnx'));
    expect(await sha256()).toBe(before);
  });
});

describe('a graph without such an output layer', () => {
  it.each([
    ['one label', modelOf('seqcls')],
    ['no product at its end', join(fixtureModels, '../bad/wrong-output-name/model.onnx')],
  ])('is not rewritten: %s', async (_name, source) => {
    const target = join(folder, 'none.onnx');
    expect(await writeLastTokenGraph(source, target)).toBe(false);
    expect(await readdir(folder)).not.toContain('none.onnx');
  });

  it('is refused when it is cut short', async () => {
    const source = join(folder, 'cut.onnx');
    await copyFile(modelOf('plain'), source);
    await truncate(source, 300_000);
    await expect(writeLastTokenGraph(source, join(folder, 'none.onnx'))).rejects.toThrow(ProtobufError);
  });
});
