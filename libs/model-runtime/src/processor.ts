import { readFile } from 'node:fs/promises';
import type { Manifest } from '@rerank-fleet/scoring';

/** What decides how onnxruntime multiplies on this processor. */
export interface Processor {
  /**
   * Whether it adds pairs of 8-bit products in 16 bits, where large weights overflow without an error: x86-64 without
   * VNNI and without AMX.
   */
  addsInt8PairsIn16Bits: boolean;
}

/** Reads the processor of this machine. Where it cannot be read (not Linux), sums count as those of 16 bits. */
export async function readProcessor(): Promise<Processor> {
  return parseProcessor(process.arch, await readFile('/proc/cpuinfo', 'utf8').catch(() => ''));
}

/**
 * The processor of an architecture (`process.arch`) and the text of /proc/cpuinfo. It follows the choice of kernels in
 * onnxruntime 1.30 (`mlas/lib/platform.cpp`): AMX is taken first, then the AVX-512 kernels, which do not use AVX-VNNI.
 */
export function parseProcessor(architecture: string, cpuinfo: string): Processor {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/));
  const has = (...names: string[]) => names.every((name) => flags.has(name));
  const isExact =
    architecture !== 'x64' ||
    has('amx_tile', 'amx_int8') ||
    has(has('avx512f', 'avx512bw', 'avx512dq', 'avx512vl') ? 'avx512_vnni' : 'avx_vnni');
  return { addsInt8PairsIn16Bits: !isExact };
}

/**
 * What tells this processor from others for which weights may be packed in another way: its models and their features,
 * one per line. Undefined where it cannot be read (not Linux).
 */
export async function readProcessorIdentity(): Promise<string | undefined> {
  return processorIdentity(process.arch, await readFile('/proc/cpuinfo', 'utf8').catch(() => ''));
}

const identityLine =
  /^(vendor_id|cpu family|model|model name|stepping|flags|Features|CPU (?:implementer|architecture|variant|part|revision))\s*:\s*(.*?)\s*$/;

/** The identity from the architecture (`process.arch`) and the text of /proc/cpuinfo. All cores count. */
export function processorIdentity(architecture: string, cpuinfo: string): string | undefined {
  const lines = new Set<string>();
  for (const line of cpuinfo.split('\n')) {
    const [, field, value] = identityLine.exec(line) ?? [];
    if (field !== undefined) lines.add(`${field}: ${value}`);
  }
  return lines.size === 0 ? undefined : [architecture, ...[...lines].sort()].join('\n');
}

/**
 * Whether sessions of a bundle set the session option `x64quantprecision`, which makes sums exact. onnxruntime would
 * obey it on every x86-64 processor with AVX2, and leave the fast kernels of VNNI and AMX for equal scores.
 */
export function needsX64QuantPrecision(
  { exactInt8Sums = false }: Pick<Manifest, 'exactInt8Sums'>,
  { addsInt8PairsIn16Bits }: Processor,
): boolean {
  return exactInt8Sums && addsInt8PairsIn16Bits;
}
