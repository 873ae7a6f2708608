import { freemem, totalmem } from 'node:os';
import type { Provider } from '@rerank-fleet/scoring';
import { readContainerUsage } from '@rerank-fleet/service-shell';
import { type GpuReading, readGpus } from '../gpu/nvidia-smi';

/** Reserved share of all memory. The alerts about memory begin here too. */
const reservedShare = 0.1;
/** A driver in trouble hangs; the figures are not worth waiting longer. */
const readLimitMs = 5_000;

/** Reads the memory that calls may still take: what is free, minus a reserve. Undefined if it is unknown. */
export function spareMemory(provider: Provider, env: NodeJS.ProcessEnv): () => Promise<number | undefined> {
  switch (provider) {
    case 'cpu':
      return async () => spareOfProcess(readContainerUsage());
    case 'cuda':
      return async () => spareOfDevice(await readGpus(env, readLimitMs), env['CUDA_VISIBLE_DEVICES']);
    default:
      return provider satisfies never;
  }
}

/** The lower of what the container and what the machine leave. */
export function spareOfProcess(
  container: { memoryBytes: number; memoryLimitBytes: number | undefined } | undefined,
  machine = { freeBytes: freemem(), totalBytes: totalmem() },
): number {
  const ofMachine = spareOf(machine.freeBytes, machine.totalBytes);
  if (container?.memoryLimitBytes === undefined) return ofMachine;
  const { memoryBytes, memoryLimitBytes } = container;
  return Math.min(ofMachine, spareOf(memoryLimitBytes - memoryBytes, memoryLimitBytes));
}

/**
 * The spare memory of the first visible device. CUDA numbers devices in another order than the driver, so a device that
 * is not named by its unique id may be any of them: the lowest value counts.
 */
export function spareOfDevice(readings: readonly GpuReading[], visible: string | undefined): number | undefined {
  const first = visible?.split(',')[0]?.trim();
  const named = readings.filter(
    ({ uuid }) => first !== undefined && first.startsWith('GPU-') && uuid.startsWith(first),
  );
  const spares = (named.length > 0 ? named : readings).map(({ memoryUsedBytes: used, memoryTotalBytes: total }) =>
    used === undefined || total === undefined ? undefined : spareOf(total - used, total),
  );
  if (spares.length === 0) return undefined;
  return spares.reduce((least, one) => (least === undefined || one === undefined ? undefined : Math.min(least, one)));
}

function spareOf(freeBytes: number, totalBytes: number): number {
  return freeBytes - reservedShare * totalBytes;
}
