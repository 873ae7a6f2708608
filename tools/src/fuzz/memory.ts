import { readFileSync } from 'node:fs';

/** How much more memory a process may have at its lowest late in a run than at its lowest early in it. */
const memoryFactor = 1.5;
/** Samples that can be judged: each half of those after the warm-up then holds some that follow a collection. */
const fewestSamples = 16;

/**
 * What is wrong with the memory of a process, in words. Between two collections of garbage it grows in any case, so the
 * lowest sample of the last quarter is compared with the lowest of the second; the first is the warm-up. Too few samples
 * are not judged.
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

/** What the Compose file gives a gateway (`GATEWAY_MEMORY`): with more it is killed there. */
const peakLimitBytes = 1e9;

/** What is wrong with the most memory that a process has had at any time, in words. */
export function faultOfPeak(name: string, bytes: number): string | undefined {
  return bytes <= peakLimitBytes ? undefined : `${name} had ${megabytes(bytes)} MB, of ${megabytes(peakLimitBytes)} MB`;
}

/** The most memory that a process of this machine has had since it was started, as Linux counts it. */
export function peakBytes(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}

/** Bytes in millions, as people read them. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
