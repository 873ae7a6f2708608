import { availableParallelism, release, totalmem } from 'node:os';

/** The machine that figures were measured on. */
export interface Machine {
  processor: string;
  /** Vector extensions that decide how fast a model runs, widest last; empty where the system does not tell. */
  vectorExtensions: string[];
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
}

/** In the order of what they bring to matrix products: /proc/cpuinfo's word, and the name people know it by. */
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

/** Describes this machine; `cpuinfo` is the text of /proc/cpuinfo, or '' where there is none. */
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
