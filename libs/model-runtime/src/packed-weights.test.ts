import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePairs, type Encoder, type Manifest } from '@rerank-fleet/scoring';
import { fixtureModels, readCases, readFixtureManifest, type FixtureName } from '@rerank-fleet/scoring/testing';
import { BundleError, loadBundle, openEncoder, openSession, packModel, type Bundle } from './index';
import { packedName, withPackedWeights, type PackingOptions } from './packed-weights';

/** Half precision is emulated by a processor without it. */
jest.setTimeout(60_000);

const processor = { addsInt8PairsIn16Bits: true };
const cpu = { provider: 'cpu', threads: 1, processor } as const;

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'packed-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** Packs into a folder of the test, and counts how often. */
function packing(bundle: Bundle, options: Partial<PackingOptions> = {}) {
  const builds: string[] = [];
  const build: PackingOptions['build'] = async ({ folder, name }) => {
    builds.push(name);
    await packModel(bundle, { processor, folder, name });
    return { ok: true };
  };
  const folder = join(root, 'store');
  return { builds, folder, open: () => withPackedWeights(bundle, { folder, processor, build, ...options }) };
}

async function opened({ open }: { open: () => ReturnType<typeof withPackedWeights> }): Promise<Bundle> {
  const packed = await open();
  if (!packed.ok) throw new Error(packed.failure.reason);
  return packed.bundle;
}

const tiny = (name: FixtureName, version: string) => loadBundle(join(fixtureModels, name, version));

const encoders = new Map<string, Encoder>();

async function encoderOf(bundle: Bundle): Promise<Encoder> {
  const encoder = encoders.get(bundle.dir) ?? (await openEncoder(bundle));
  encoders.set(bundle.dir, encoder);
  return encoder;
}

/** Scores of pairs of the reference, one by one and in one call. */
async function scoresOf(bundle: Bundle, name: FixtureName | undefined): Promise<number[]> {
  const session = await openSession(bundle, cpu);
  const encoder = await encoderOf(bundle);
  const cases = name === undefined ? [] : readCases(name).filter(({ error }) => error === undefined);
  const documents = ['a', 'The museum opens at nine.', ...cases.map(({ document }) => document)].slice(0, 12);
  const encoded = encodePairs(encoder, { query: cases[0]?.query ?? 'when', documents });
  if (!encoded.ok) throw new Error(encoded.failure.message);
  const query = await session.prepare(encoded.query);
  const rows = encoded.documents.map((document) => ({ query, document }));
  const scores: number[] = [];
  for (const call of [...rows.map((row) => [row]), rows.slice(0, session.traits.maxRows)]) {
    scores.push(...(await session.score(call)));
  }
  await session.close();
  return scores;
}

const everyHead: [string, FixtureName | undefined, () => Promise<Bundle>][] = [
  ['late interaction, int8', undefined, () => loadBundle(join(__dirname, '../../../models/multilingual-e5-small/1'))],
  ['BERT', 'tiny-bert', () => tiny('tiny-bert', '1')],
  ['XLM-RoBERTa', 'tiny-xlmr', () => tiny('tiny-xlmr', '1')],
  ['Qwen3', 'tiny-qwen3', () => tiny('tiny-qwen3', 'plain')],
  ['Qwen3 with keys and values', 'tiny-qwen3', () => tiny('tiny-qwen3', 'kv')],
  ['Qwen3 with GroupQueryAttention', 'tiny-qwen3', () => tiny('tiny-qwen3', 'gqa')],
  ['Qwen3 with one label', 'tiny-qwen3', () => tiny('tiny-qwen3', 'seqcls')],
  ['Qwen3 in half precision', 'tiny-qwen3', () => tiny('tiny-qwen3', 'fp16')],
  ['Qwen3 with 8-bit weights and exact sums', 'tiny-qwen3', () => exported('tiny-qwen3', 'kv', 'tiny-qwen3-int8.onnx')],
];

/** A tiny bundle with another graph. */
async function exported(name: FixtureName, version: string, path: string): Promise<Bundle> {
  const { manifest } = await tiny(name, version);
  const model = { ...manifest.files.model, path };
  return {
    dir: join(root, 'bundle'),
    manifest: { ...manifest, files: { ...manifest.files, model }, exactInt8Sums: true },
  };
}

/** Puts the files of such a bundle into its folder. */
async function placed(bundle: Bundle, name: FixtureName, version: string): Promise<Bundle> {
  if (bundle.dir !== join(root, 'bundle')) return bundle;
  const { path } = bundle.manifest.files.model;
  await cp(join(fixtureModels, name, version), bundle.dir, { recursive: true });
  await cp(join(fixtureModels, '../exports', path), join(bundle.dir, path));
  return bundle;
}

describe('packed weights', () => {
  it.each(everyHead)('give the scores of the bundle, bit for bit: %s', async (_head, name, load) => {
    const bundle = await placed(await load(), 'tiny-qwen3', 'kv');
    const packed = await opened(packing(bundle));
    expect(packed.packedModel).toMatch(/store\/.+\/model\.onnx$/);
    expect(await scoresOf(packed, name)).toEqual(await scoresOf(bundle, name));
  });

  it('are not used where onnxruntime would give other scores, and that is found out once', async () => {
    const bundle = await placed(await exported('tiny-xlmr', '1', 'block-quantized.onnx'), 'tiny-xlmr', '1');
    expect((await scoresOf(bundle, 'tiny-xlmr')).every(Number.isFinite)).toBe(true);
    const { open, builds } = packing(bundle);
    for (let start = 0; start < 2; start++) {
      expect(await open()).toEqual({ ok: false, failure: { reason: 'scores-would-differ' } });
    }
    expect(builds).toHaveLength(1);
  });

  it('are packed once, also by two that start together', async () => {
    const bundle = await tiny('tiny-bert', '1');
    const { open, builds, folder } = packing(bundle);
    const both = await Promise.all([open(), open()]);
    expect([both[0], both[1], await open()].map(({ ok }) => ok)).toEqual([true, true, true]);
    expect([builds.length, await readdir(folder)]).toEqual([1, [builds[0]]]);
  });
});

describe('the name of packed weights', () => {
  const manifest = readFixtureManifest('tiny-bert', '1');
  const machine = { processor, identity: 'x64\nmodel name: EPYC', runtime: '1.30.0' };
  const nameOf = (change: Partial<Manifest> = {}, other: Partial<typeof machine> = {}) =>
    packedName({ dir: '', manifest: { ...manifest, ...change } as Manifest }, { ...machine, ...other });
  const weights = (sha256: string) => ({ path: 'model.onnx.data', sha256, sizeBytes: 1 });

  it.each([
    ['the name of the bundle', nameOf({ name: 'other' })],
    ['the version of the bundle', nameOf({ version: '2' })],
    ['the graph', nameOf({ files: { ...manifest.files, model: { ...manifest.files.model, sha256: 'a'.repeat(64) } } })],
    ['weights in a file of their own', nameOf({ files: { ...manifest.files, modelData: weights('b'.repeat(64)) } })],
    ['the processor', nameOf({}, { identity: 'x64\nmodel name: Xeon' })],
    ['the version of onnxruntime', nameOf({}, { runtime: '1.31.0' })],
    ['the options of the session', nameOf({ exactInt8Sums: true })],
  ])('is another one for %s', (_what, name) => {
    expect(name).not.toBe(nameOf());
    expect(name).toMatch(/^(tiny-bert|other)@[12]-[0-9a-f]{16}$/);
  });

  it('is the same whatever does not change the weights', () => {
    const { tokenizer } = manifest.files;
    const files = { ...manifest.files, tokenizer: { ...tokenizer, sha256: 'c'.repeat(64) } };
    expect(nameOf({ files, aliases: ['x'], tokenBudget: { cpu: 1 } })).toBe(nameOf());
  });
});

describe('a packed model is not used but packed again', () => {
  /** What is done to the folder of a packed model. */
  const damages: [string, (entry: string) => Promise<unknown>][] = [
    ['with one other bit in the weights', (entry) => flip(join(entry, 'model.onnx.data'), 500_000)],
    ['with one other bit in the graph', (entry) => flip(join(entry, 'model.onnx'), 5_000)],
    ['with weights that are cut', (entry) => truncate(join(entry, 'model.onnx.data'), 4_096)],
    ['with weights that are too long', (entry) => appendFile(join(entry, 'model.onnx.data'), 'x')],
    ['without its weights', (entry) => rm(join(entry, 'model.onnx.data'))],
    ['without its graph', (entry) => rm(join(entry, 'model.onnx'))],
    ['without its record', (entry) => rm(join(entry, 'packed.json'))],
    ['with an empty record', (entry) => writeFile(join(entry, 'packed.json'), '')],
    ['with a record of something else', (entry) => writeFile(join(entry, 'packed.json'), '{"files":[null]}')],
    ['with a record that lists no file', (entry) => writeFile(join(entry, 'packed.json'), recordOf(entry))],
    ['of another bundle', (entry) => foreign(entry)],
    ['that is a file', (entry) => rm(entry, { recursive: true }).then(() => writeFile(entry, ''))],
  ];
  const recordOf = (entry: string) => JSON.stringify({ name: entry.split('/').at(-1), isUsable: true, files: [] });

  async function flip(path: string, position: number): Promise<void> {
    const file = await open(path, 'r+');
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position });
    buffer[0] = (buffer[0] ?? 0) ^ 1;
    await file.write(buffer, 0, 1, position);
    await file.close();
  }

  async function foreign(entry: string): Promise<void> {
    const other = await opened(packing(await tiny('tiny-qwen3', 'seqcls')));
    await rm(entry, { recursive: true });
    await rename(join(other.packedModel as string, '..'), entry);
  }

  it.each(damages)('%s', async (_what, damage) => {
    const bundle = await tiny('tiny-bert', '1');
    const wanted = await scoresOf(bundle, 'tiny-bert');
    const { builds, ...store } = packing(bundle);
    const { packedModel } = await opened({ ...store });
    await damage(join(packedModel as string, '..'));
    expect(await scoresOf(await opened({ ...store }), 'tiny-bert')).toEqual(wanted);
    expect(builds).toHaveLength(2);
    expect(await readdir(store.folder)).toEqual([builds[0]]);
  });

  it('that a killed process left, whole or not, and it is removed', async () => {
    const bundle = await tiny('tiny-bert', '1');
    const { builds, folder, open } = packing(bundle);
    const entry = join((await opened({ open })).packedModel as string, '..');
    const building = `${entry}.building`;
    await mkdir(building);
    await rename(entry, join(building, 'model-abcdef'));
    await mkdir(join(folder, `other@1-${'0'.repeat(16)}.removed-1`));
    await utimes(building, 0, 0);
    await opened({ open });
    expect([builds.length, await readdir(folder)]).toEqual([2, [builds[0]]]);
  });
});

describe('packed models that are no longer needed', () => {
  const hash = (digit: string) => digit.repeat(16);
  const days = (count: number) => new Date(Date.now() - count * 24 * 60 * 60 * 1000);

  it('are removed, but the last one of the bundle, those of other bundles, and what is not ours', async () => {
    const { folder, open, builds } = packing(await tiny('tiny-bert', '1'));
    const found: [string, number][] = [
      [`tiny-bert@1-${hash('a')}`, 3],
      [`tiny-bert@0-${hash('b')}`, 2],
      [`tiny-bert@0-${hash('c')}`, 4],
      [`tiny-bert-large@1-${hash('d')}`, 20],
      [`unused@1-${hash('e')}`, 31],
      [`other@1-${hash('f')}.building`, 0],
      ['notes', 400],
    ];
    for (const [name, age] of found) {
      await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
      await utimes(join(folder, name), days(age), days(age));
    }
    await opened({ open });
    const kept = [builds[0], found[1]?.[0], found[3]?.[0], found[5]?.[0], 'notes'];
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
  });
});

describe('a bundle is loaded as it is, with the reason as data', () => {
  const refusals: [string, Partial<PackingOptions>, object][] = [
    ['where a file is in its place', { folder: '/dev/null' }, { reason: 'folder-unusable', code: 'EEXIST' }],
    ['where the folder cannot be made', { folder: '/dev/null/packed' }, { reason: 'folder-unusable', code: 'ENOTDIR' }],
    ['where the disk is too small', { free: async () => 2_000_000 }, { reason: 'disk-too-small' }],
    [
      'where the disk is full in the end',
      { build: async () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' })) },
      { reason: 'folder-unusable', code: 'ENOSPC' },
    ],
    [
      'where packing fails',
      { build: async () => ({ ok: false, failure: { reason: 'build-failed', code: 'SIGKILL' } }) },
      { reason: 'build-failed', code: 'SIGKILL' },
    ],
    ['where packing ends without a model', { build: async () => ({ ok: true }) }, { reason: 'build-failed' }],
  ];

  it.each(refusals)('%s', async (_where, options, failure) => {
    const { folder, open } = packing(await tiny('tiny-bert', '1'), options);
    expect(await open()).toMatchObject({ ok: false, failure });
    expect((await readdir(folder).catch(() => [])).filter((name) => name.includes('.'))).toEqual([]);
  });

  it.each([0o777, 0o770, 0o702])('where others may write to the folder: mode %o', async (mode) => {
    const { folder, open, builds } = packing(await tiny('tiny-bert', '1'));
    await mkdir(folder);
    await chmod(folder, mode);
    expect(await open()).toEqual({ ok: false, failure: { reason: 'folder-open-to-others' } });
    expect(builds).toEqual([]);
  });

  it('but not where packing has a fault of ours', async () => {
    const fault = new BundleError('of a test');
    await expect(packing(await tiny('tiny-bert', '1'), { build: () => Promise.reject(fault) }).open()).rejects.toBe(
      fault,
    );
  });
});
