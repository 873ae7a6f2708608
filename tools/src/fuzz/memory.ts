import { readFileSync } from 'node:fs';

/** Allowed growth of the lowest memory of a process from early to late in a run. */
const memoryFactor = 1.5;
/** Fewest samples that are judged: each compared quarter then has samples after a garbage collection. */
const fewestSamples = 16;

/**
 * Describes growth of a process' memory; undefined when there is none. Memory always grows between two garbage
 * collections, so the lowest sample of the last quarter is compared with the lowest of the second quarter. The first
 * quarter is the warm-up. Too few samples are not judged.
 */
export function faultOfMemory(name: string, samplesBytes: readonly number[]): string | undefined {
  if (samplesBytes.length < fewestSamples) return undefined;
  const quarter = Math.floor(samplesBytes.length / 4);
  const early = Math.min(...samplesBytes.slice(quarter, 2 * quarter));
  const late = Math.min(...samplesBytes.slice(-quarter));
  return late <= early * memoryFactor
    ? undefined
    : `${name} had ${megabytes(early)} MB early and ${megabytes(late)} MB late`;
}

/** The memory limit of a gateway in the Compose file (`GATEWAY_MEMORY`). */
const peakLimitBytes = 1e9;

/** Describes a peak above the limit; undefined when the peak is below it. */
export function faultOfPeak(name: string, bytes: number): string | undefined {
  return bytes <= peakLimitBytes ? undefined : `${name} had ${megabytes(bytes)} MB, of ${megabytes(peakLimitBytes)} MB`;
}

/** Peak resident memory of a process since its start, as reported by Linux. */
export function peakBytes(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}

/** Bytes as rounded megabytes. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
