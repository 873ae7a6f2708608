import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContainerUsage } from '@rerank-fleet/metrics';

/** The kernel's files about control groups. */
export interface ControlGroupFiles {
  /** The groups of this process. */
  membership: string;
  /** Folder in which the hierarchies are mounted. */
  mounts: string;
}

const systemFiles: ControlGroupFiles = { membership: '/proc/self/cgroup', mounts: '/sys/fs/cgroup' };

/** In version 1, a memory limit of at least this means "none": the kernel uses the largest multiple of a page. */
const noLimitBytes = 2 ** 62;

/**
 * Reads the usage and limits of this process's control group, in either version of the interface (Linux kernel
 * documentation, cgroup-v1/ and cgroup-v2.rst). Undefined if there is none, as on a Mac.
 */
export function readContainerUsage(files: ControlGroupFiles = systemFiles): ContainerUsage | undefined {
  const membership = readText(files.membership);
  if (membership === undefined) return undefined;
  const groups = membership.split('\n').map((line) => line.split(':'));
  const unified = groups.find(([id, controllers]) => id === '0' && controllers === '');
  return readVersion2(files.mounts, unified?.[2] ?? '/') ?? readVersion1(files.mounts, groups);
}

/**
 * Cores that this process may use: those of the machine, or the whole cores of its container's quota. Threads beyond
 * the quota are stopped together until the next period, including the one that answers Redis.
 */
export function usableCores(machineCores: number, usage: ContainerUsage | undefined): number {
  return Math.max(1, Math.floor(Math.min(machineCores, usage?.cpuLimitCores ?? Infinity)));
}

function readVersion2(mounts: string, group: string): ContainerUsage | undefined {
  const folder = folderWith('memory.current', [join(mounts, group), mounts]);
  if (folder === undefined) return undefined;
  const file = (name: string) => readText(join(folder, name));
  return usage({
    memoryBytes: numberIn(folder, 'memory.current'),
    droppableBytes: statistic(file('memory.stat'), 'inactive_file'),
    memoryLimitBytes: lowest(folder, mounts, (each) => numberIn(each, 'memory.max')),
    cpuSeconds: (statistic(file('cpu.stat'), 'usage_usec') ?? NaN) / 1e6,
    cpuLimitCores: lowest(folder, mounts, (each) => {
      const [quota, period] = (readText(join(each, 'cpu.max')) ?? '').trim().split(' ').map(Number);
      return (quota ?? NaN) / (period ?? NaN);
    }),
  });
}

function readVersion1(mounts: string, groups: string[][]): ContainerUsage | undefined {
  const mountOf = (controller: string) => join(mounts, controller);
  const folderOf = (controller: string, file: string) => {
    const group = groups.find(([, controllers]) => controllers?.split(',').includes(controller))?.[2] ?? '/';
    // inside a container, the mount is the group itself, whatever the path is
    return folderWith(file, [join(mountOf(controller), group), mountOf(controller)]);
  };
  const memory = folderOf('memory', 'memory.usage_in_bytes');
  const cpuUse = folderOf('cpuacct', 'cpuacct.usage');
  const cpu = folderOf('cpu', 'cpu.cfs_quota_us');
  if (memory === undefined || cpuUse === undefined) return undefined;
  return usage({
    memoryBytes: numberIn(memory, 'memory.usage_in_bytes'),
    droppableBytes: statistic(readText(join(memory, 'memory.stat')), 'total_inactive_file'),
    memoryLimitBytes: lowest(memory, mountOf('memory'), (each) => numberIn(each, 'memory.limit_in_bytes')),
    cpuSeconds: numberIn(cpuUse, 'cpuacct.usage') / 1e9,
    cpuLimitCores:
      cpu === undefined
        ? undefined
        : lowest(
            cpu,
            mountOf('cpu'),
            (each) => numberIn(each, 'cpu.cfs_quota_us') / numberIn(each, 'cpu.cfs_period_us'),
          ),
  });
}

interface Figures {
  memoryBytes: number;
  droppableBytes: number | undefined;
  memoryLimitBytes: number | undefined;
  cpuSeconds: number;
  cpuLimitCores: number | undefined;
}

/** The usage; undefined without its two main values. */
function usage(figures: Figures): ContainerUsage | undefined {
  const { memoryBytes, droppableBytes = 0, memoryLimitBytes, cpuSeconds, cpuLimitCores } = figures;
  if (!Number.isFinite(memoryBytes) || !Number.isFinite(cpuSeconds)) return undefined;
  return {
    memoryBytes: Math.max(0, memoryBytes - droppableBytes),
    memoryLimitBytes: memoryLimitBytes !== undefined && memoryLimitBytes < noLimitBytes ? memoryLimitBytes : undefined,
    cpuSeconds,
    cpuLimitCores,
  };
}

/** The lowest limit of a group and its parent groups, up to the mount. All of them apply. */
function lowest(group: string, mount: string, limitOf: (folder: string) => number): number | undefined {
  const limits: number[] = [];
  for (let folder = group; ; folder = dirname(folder)) {
    limits.push(limitOf(folder));
    if (folder === mount || folder === dirname(folder)) break;
  }
  const found = limits.filter((limit) => limit > 0 && Number.isFinite(limit));
  return found.length === 0 ? undefined : Math.min(...found);
}

/** The number in a file of a folder; NaN for other content, such as `max`. */
function numberIn(folder: string, file: string): number {
  return toNumber(readText(join(folder, file))) ?? NaN;
}

function folderWith(file: string, folders: string[]): string | undefined {
  return folders.find((folder) => readText(join(folder, file)) !== undefined);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined for a text that is not a number, such as `max`. */
function toNumber(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** One value of a file of `name value` lines. */
function statistic(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((each) => each.startsWith(`${name} `));
  return toNumber(line?.slice(name.length));
}
