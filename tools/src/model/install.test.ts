import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { installBundle, removeStaging } from './install';
import { productGraph } from './onnx/product-testing';
import type { ModelSource } from './source';
import { expectNoBundle, exportFiles, useFolder, writeFolder } from './testing';

const setup = useFolder();
const files = exportFiles('tiny-bert', '1');

/** A source of the files of tiny-bert. */
const sourceOf = (change: Partial<ModelSource> = {}): ModelSource => ({
  label: 'acme/tiny',
  commit: 'abcdef0123456789',
  date: new Date('2025-01-02T03:04:05Z'),
  licence: undefined,
  files: Object.entries(files).map(([path, content]) => ({ path, sizeBytes: content.length })),
  fetch: async (path, target) => {
    writeFileSync(target, files[path] ?? '');
    return { ok: true };
  },
  ...change,
});

const options = () => ({
  modelsDir: setup.models,
  name: 'tiny',
  aliases: [],
  licence: undefined,
  provider: 'cpu' as const,
  maxLengthTokens: 512,
  print: () => undefined,
  stream: new PassThrough(),
});

describe('installBundle', () => {
  it('makes a version of the date, the commit and the variant, and says that the licence is unknown', async () => {
    const installed = await installBundle(sourceOf(), options());
    expect(installed).toMatchObject({
      ok: true,
      folder: join(setup.models, 'tiny/20250102-abcdef0'),
      manifest: { version: '20250102-abcdef0', licence: 'unknown', source: 'acme/tiny', revision: 'abcdef0123456789' },
    });
  });

  it('gives the two answers to each of two questions with their scores', async () => {
    const installed = await installBundle(sourceOf(), options());
    const cases = installed.ok ? installed.cases : [];
    expect(new Set(cases.map(({ query }) => query)).size).toBe(2);
    expect(cases.map(({ raw, score }) => Math.abs(1 / (1 + Math.exp(-raw)) - score) < 1e-6)).toEqual(
      Array(4).fill(true),
    );
  });

  it.each(['config.json', 'tokenizer_config.json', 'tokenizer.json', 'model.onnx'])(
    'stops at %s when it cannot be fetched, and goes on with what is there the next time',
    async (failing) => {
      const { fetch } = sourceOf();
      const full: ModelSource['fetch'] = async (path, target) =>
        path === failing ? { ok: false, message: 'the disk is full' } : fetch(path, target);
      const installed = await installBundle(sourceOf({ fetch: full }), options());
      expect(installed).toEqual({ ok: false, message: 'the disk is full' });
      await expectNoBundle(setup.models);
      expect(existsSync(join(setup.models, '.pull/tiny@20250102-abcdef0'))).toBe(true);
      expect(await installBundle(sourceOf(), options())).toMatchObject({ ok: true });
    },
  );

  it('leaves no bundle when the fetching itself breaks', async () => {
    const fetch = () => Promise.reject(new TypeError('a bug'));
    await expect(installBundle(sourceOf({ fetch }), options())).rejects.toThrow('a bug');
    await expectNoBundle(setup.models);
  });

  it('does not mix the files of a folder with those of an earlier try', async () => {
    writeFolder(join(setup.models, '.pull/tiny@20250102'), { 'model.onnx_data': Buffer.from('old') });
    const installed = await installBundle(sourceOf({ commit: undefined }), options());
    expect(readdirSync(installed.ok ? installed.folder : '')).not.toContain('model.onnx_data');
  });
});

describe('8-bit weights', () => {
  const installed = (rows: number[][]) => {
    const added: Record<string, Buffer> = { ...files, 'model.onnx': productGraph(rows) };
    const fetch: ModelSource['fetch'] = async (path, target) => {
      writeFileSync(target, added[path] ?? '');
      return { ok: true };
    };
    const listed = Object.entries(added).map(([path, content]) => ({ path, sizeBytes: content.length }));
    return installBundle(sourceOf({ files: listed, fetch }), options());
  };

  it('of which a pair may overflow 16 bits are marked in the manifest', async () => {
    expect(await installed([[100], [100]])).toMatchObject({ ok: true, manifest: { exactInt8Sums: true } });
  });

  it('of which no pair overflows are not marked', async () => {
    const { manifest } = (await installed([[127], [1]])) as { manifest: object };
    expect(manifest).toMatchObject({ dtype: 'int8' });
    expect(manifest).not.toHaveProperty('exactInt8Sums');
  });
});

describe('removeStaging', () => {
  it('removes what is put aside for a name, and nothing of another, which may be under way', async () => {
    writeFolder(setup.models, { '.pull/tiny@1/a': Buffer.from('a'), '.pull/tiny-2@1/a': Buffer.from('a') });
    await removeStaging(setup.models, 'tiny');
    expect(readdirSync(join(setup.models, '.pull'))).toEqual(['tiny-2@1']);
  });

  it('has nothing to do where nothing is', async () => {
    await removeStaging(setup.models, 'tiny');
    expect(existsSync(setup.models)).toBe(false);
  });
});
