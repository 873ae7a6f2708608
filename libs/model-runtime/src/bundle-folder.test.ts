import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBundleFolder, listBundleFolders } from './bundle-folder';

let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'rerank-models-'));
  for (const path of ['tiny/2', 'tiny/10', 'other/1', 'empty', '.pull/tiny', 'tiny/.old'])
    await mkdir(join(models, path), { recursive: true });
});
afterAll(() => rm(models, { recursive: true }));

describe('finding a bundle', () => {
  it('takes the newest version of a name, or the one that is asked for', async () => {
    expect(await findBundleFolder(models, 'tiny')).toEqual({ ok: true, folder: join(models, 'tiny/10') });
    expect(await findBundleFolder(models, 'tiny@2')).toEqual({ ok: true, folder: join(models, 'tiny/2') });
  });

  it.each([
    ['absent', 'empty, other, tiny'],
    ['tiny@3', 'it has: 2, 10'],
    ['empty', 'no version folder'],
  ])('says in one line what there is instead of %s', async (model, hint) => {
    const found = await findBundleFolder(models, model);
    expect(found.ok).toBe(false);
    if (found.ok) return;
    expect(found.message).toContain(hint);
    expect(found.message.split('\n')).toHaveLength(1);
  });

  it('lists all bundles, versions in their order', async () => {
    expect(await listBundleFolders(models)).toEqual([
      { name: 'other', version: '1' },
      { name: 'tiny', version: '2' },
      { name: 'tiny', version: '10' },
    ]);
  });

  it('says so when the folder of bundles is not there', async () => {
    expect(await findBundleFolder(join(models, 'nowhere'), 'tiny')).toMatchObject({ ok: false });
  });
});
