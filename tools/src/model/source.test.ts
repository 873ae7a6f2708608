import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folderSource } from './source';
import { useFolder, writeFolder } from './testing';

const setup = useFolder();
const files = { 'onnx/deep/model.onnx': Buffer.from('graph'), 'config.json': Buffer.from('{}') };

describe('folderSource', () => {
  it('has the files of a folder by their paths in it, with their sizes', async () => {
    const source = await folderSource(writeFolder(setup.folder, files), 'MIT');
    expect(source).toMatchObject({ label: setup.folder, commit: undefined, licence: 'MIT' });
    expect(source.files).toEqual([
      { path: 'config.json', sizeBytes: 2 },
      { path: 'onnx/deep/model.onnx', sizeBytes: 5 },
    ]);
  });

  it('follows links to files, and passes over those to folders and to nothing', async () => {
    const target = writeFolder(join(setup.folder, 'blobs'), { blob: Buffer.from('graph') });
    const folder = writeFolder(join(setup.folder, 'snapshot'), {});
    mkdirSync(folder);
    symlinkSync(join(target, 'blob'), join(folder, 'model.onnx'));
    symlinkSync(target, join(folder, 'folder.onnx'));
    symlinkSync(join(target, 'absent'), join(folder, 'absent.onnx'));
    expect((await folderSource(folder, undefined)).files).toEqual([{ path: 'model.onnx', sizeBytes: 5 }]);
  });

  it('copies a file', async () => {
    const { fetch } = await folderSource(writeFolder(setup.folder, files), undefined);
    const target = join(setup.folder, 'copy');
    expect(await fetch('onnx/deep/model.onnx', target)).toEqual({ ok: true });
    expect(readFileSync(target, 'utf8')).toBe('graph');
  });

  it('says in one line what cannot be copied where, and why', async () => {
    const { fetch } = await folderSource(writeFolder(setup.folder, files), undefined);
    const target = join(setup.folder, 'taken');
    mkdirSync(target);
    expect(await fetch('config.json', target)).toEqual({
      ok: false,
      message: expect.stringMatching(/^.*config\.json cannot be copied to .*taken \(E[A-Z]+\)$/),
    });
    expect(await fetch('absent', join(setup.folder, 'x'))).toMatchObject({
      message: expect.stringMatching(/absent cannot be copied to .* \(ENOENT\)$/),
    });
  });
});
