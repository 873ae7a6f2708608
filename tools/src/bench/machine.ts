import { availableParallelism, release, totalmem } from 'node:os';

/** The machine on which figures were measured. */
export interface Machine {
  processor: string;
  /** Vector extensions that determine the speed of a model, widest last; empty if unknown. */
  vectorExtensions: string[];
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
}

/** Flag in /proc/cpuinfo and common name, in ascending order of the speed of matrix products. */
const extensions: [flag: string, name: string][] = [
  ['sse4_2', 'SSE4.2'],
  ['asimd', 'NEON'],
  ['asimddp', 'NEON dot product'],
  ['sve', 'SVE'],
  ['avx', 'AVX'],
  ['fma', 'FMA'],
  ['avx2', 'AVX2'],
  ['avx512f', 'AVX-512F'],
  ['avx_vnni', 'AVX-VNNI'],
  ['avx512_vnni', 'AVX-512 VNNI'],
  ['avx512_bf16', 'AVX-512 BF16'],
  ['amx_int8', 'AMX INT8'],
  ['amx_bf16', 'AMX BF16'],
];

/** Describes this machine; `cpuinfo` is the text of /proc/cpuinfo, or '' if it does not exist. */
export function describeMachine(cpuinfo: string): Machine {
  const field = (names: string) => new RegExp(`^(?:${names})\\s*:\\s*(.+)$`, 'mi').exec(cpuinfo)?.[1]?.trim();
  const flags = new Set((field('flags|features') ?? '').split(/\s+/));
  return {
    processor: field('model name|cpu model|hardware') ?? `unknown ${process.arch}`,
    vectorExtensions: extensions.flatMap(([flag, name]) => (flags.has(flag) ? [name] : [])),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
  };
}
