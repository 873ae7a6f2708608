import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, useDownloads } from './download-testing';

const { download, failing, ranges, setup } = useDownloads();

describe('the disk', () => {
  /** Opens files whose writing fails with this code once they hold so many bytes; the last write is cut short there. */
  const failingDisk =
    (code: string, afterBytes: number): typeof open =>
    async (...args) => {
      const handle = await open(...args);
      let written = 0;
      const write = handle.write.bind(handle);
      const limited = async (bytes: Uint8Array, offset: number) => {
        const room = Math.min(bytes.length - offset, afterBytes - written);
        if (room <= 0) throw Object.assign(new Error(`${code}: no, write`), { code, syscall: 'write', errno: -1 });
        written += room;
        return write(bytes, offset, room);
      };
      return Object.assign(handle, { write: limited });
    };

  it('has every byte before the file takes its place', async () => {
    const stateAtSync: boolean[] = [];
    const openFile: typeof open = async (...args) => {
      const handle = await open(...args);
      const sync = handle.sync.bind(handle);
      const seen = async () => {
        await sync();
        stateAtSync.push(existsSync(setup.target));
      };
      return Object.assign(handle, { sync: seen });
    };
    expect(await download({ openFile })).toEqual({ ok: true, sha256 });
    expect(stateAtSync).toEqual([false]);
  });

  it('that is full is reported with the missing space; the part stays and is continued', async () => {
    expect(await failing({ openFile: failingDisk('ENOSPC', 70_000) })).toMatch(
      /^onnx\/model.onnx of acme\/reranker: the disk is full, \d\.\d MB \(\d+ bytes\) more are needed in .*: make room and run the same command again to continue$/,
    );
    expect(statSync(setup.part).size).toBe(70_000);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=70000-']);
  });

  it('that this user cannot write to is reported', async () => {
    expect(await failing({ openFile: failingDisk('EACCES', 0) })).toMatch(
      /cannot be written \(EACCES\): let this user write to .*, or choose another folder$/,
    );
  });

  it('with a folder at the path of the file is reported', async () => {
    mkdirSync(setup.target);
    expect(await failing()).toMatch(/model.onnx cannot be written \(E[A-Z]+\): check what exists at this path/);
  });

  it('whose folder is a file is reported', async () => {
    writeFileSync(join(setup.folder, 'file'), '');
    setup.target = join(setup.folder, 'file/model.onnx');
    expect(await failing()).toMatch(/cannot be written \(ENOTDIR\)/);
  });

  it('hides no fault of ours', async () => {
    const openFile = async () => {
      throw new TypeError('a bug');
    };
    await expect(download({ openFile })).rejects.toThrow('a bug');
  });
});
