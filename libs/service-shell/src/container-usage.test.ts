import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readContainerUsage } from './container-usage';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rerank-cgroup-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(files: Record<string, string>) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return readContainerUsage({ membership: join(folder, 'membership'), mounts: join(folder, 'mounts') });
}

const version2 = {
  'mounts/memory.current': '5000\n',
  'mounts/memory.stat': 'anon 10\ninactive_file 1000\n',
  'mounts/memory.max': '8000\n',
  'mounts/cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
  'mounts/cpu.max': '150000 100000\n',
};

it('reads a container of version 2, without the file cache that can be dropped', () => {
  expect(read({ membership: '0::/\n', ...version2 })).toEqual({
    memoryBytes: 4000,
    memoryLimitBytes: 8000,
    cpuSeconds: 2.5,
    cpuLimitCores: 1.5,
  });
});

it('reads the group that the process is in, where the mount shows all of them', () => {
  const files = Object.fromEntries(
    Object.entries(version2).map(([path, content]) => [path.replace('mounts', 'mounts/app.slice'), content]),
  );
  expect(read({ membership: '0::/app.slice\n', ...files })?.memoryBytes).toBe(4000);
});

it('tells no limit where none is set, of either version', () => {
  const open2 = read({
    membership: '0::/\n',
    ...version2,
    'mounts/memory.max': 'max\n',
    'mounts/cpu.max': 'max 100000\n',
  });
  expect(open2).toMatchObject({ memoryLimitBytes: undefined, cpuLimitCores: undefined, cpuSeconds: 2.5 });
});

const version1 = {
  membership: '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n',
  'mounts/memory/memory.usage_in_bytes': '5000\n',
  'mounts/memory/memory.stat': 'inactive_file 7\ntotal_inactive_file 1000\n',
  'mounts/memory/memory.limit_in_bytes': '8000\n',
  'mounts/cpuacct/cpuacct.usage': '2500000000\n',
  'mounts/cpu/cpu.cfs_quota_us': '50000\n',
  'mounts/cpu/cpu.cfs_period_us': '100000\n',
};

it('reads a container of version 1, whose mount is the group itself', () => {
  expect(read(version1)).toEqual({ memoryBytes: 4000, memoryLimitBytes: 8000, cpuSeconds: 2.5, cpuLimitCores: 0.5 });
  expect(
    read({
      ...version1,
      'mounts/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'mounts/cpu/cpu.cfs_quota_us': '-1\n',
    }),
  ).toMatchObject({ memoryLimitBytes: undefined, cpuLimitCores: undefined });
});

it('has nothing to tell where there is no control group', () => {
  expect(read({})).toBeUndefined();
  expect(read({ membership: '0::/\n' })).toBeUndefined();
});
