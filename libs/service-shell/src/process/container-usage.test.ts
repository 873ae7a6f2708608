import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readContainerUsage, usableCores } from './container-usage';

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

it('reports no limit where none is set, in either version', () => {
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

/** The files of a group that lies in others: `at` goes in behind the mount. */
function nested(files: Record<string, string>, mount: RegExp, at: string) {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace(mount, `$&/${at}`), text]));
}

it('takes the lowest limit of its group and the groups that it is in, in version 2', () => {
  const open = { ...version2, 'mounts/memory.max': 'max\n', 'mounts/cpu.max': 'max 100000\n' };
  const around = {
    'mounts/pod/memory.max': '6000\n',
    'mounts/pod/cpu.max': 'max 100000\n',
    'mounts/cpu.max': '75000 50000\n',
  };
  const files = { membership: '0::/pod/app\n', ...nested(open, /^mounts/, 'pod/app'), ...around };
  expect(read(files)).toMatchObject({ memoryLimitBytes: 6000, cpuLimitCores: 1.5 });
  const own = { membership: '0::/pod/app\n', ...nested(version2, /^mounts/, 'pod/app') };
  expect(read({ ...own, 'mounts/pod/memory.max': '9000\n' })).toMatchObject({ memoryLimitBytes: 8000 });
});

it('takes the lowest limit of its group and the groups that it is in, in version 1', () => {
  const open = {
    ...version1,
    'mounts/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'mounts/cpu/cpu.cfs_quota_us': '-1\n',
  };
  const { membership, ...files } = open;
  const around = {
    'mounts/memory/docker/memory.limit_in_bytes': '7000\n',
    'mounts/cpu/docker/cpu.cfs_quota_us': '25000\n',
    'mounts/cpu/docker/cpu.cfs_period_us': '100000\n',
  };
  expect(read({ membership, ...nested(files, /^mounts\/\w+/, 'docker/abc'), ...around })).toMatchObject({
    memoryLimitBytes: 7000,
    cpuLimitCores: 0.25,
  });
});

it.each([
  { what: 'all cores without a container', cores: 8, limits: undefined, usable: 8 },
  { what: 'all cores of a container without a quota', cores: 8, limits: { cpuLimitCores: undefined }, usable: 8 },
  { what: 'the whole cores of a quota', cores: 64, limits: { cpuLimitCores: 2.5 }, usable: 2 },
  { what: 'one core of a quota below it', cores: 64, limits: { cpuLimitCores: 0.25 }, usable: 1 },
  { what: 'no more cores than the machine has', cores: 2, limits: { cpuLimitCores: 16 }, usable: 2 },
])('may keep busy $what', ({ cores, limits, usable }) => {
  const usage = limits && { memoryBytes: 1, memoryLimitBytes: undefined, cpuSeconds: 1, ...limits };
  expect(usableCores(cores, usage)).toBe(usable);
});

it('reports nothing without a control group', () => {
  expect(read({})).toBeUndefined();
  expect(read({ membership: '0::/\n' })).toBeUndefined();
});
