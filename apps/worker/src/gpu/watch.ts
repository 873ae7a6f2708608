import type { WorkerMetrics } from '@rerank-fleet/metrics';
import { type Logger, logOncePer } from '@rerank-fleet/service-shell';
import { startKernelLog, xidAddress } from './kernel-log';
import type { LineSource } from './line-source';
import { type GpuReading, parseReading, startNvidiaSmi } from './nvidia-smi';

/** Where the readings are recorded. */
export interface GpuWatchOptions {
  metrics: Pick<WorkerMetrics, 'gpusSampled' | 'gpuXidWatched' | 'gpuXid'>;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Environment of the child processes. */
  env: NodeJS.ProcessEnv;
}

/** Ends both child processes. */
export interface GpuWatch {
  stop(): void;
}

const sampleMs = 1_000;
/**
 * A device without a reading for this long is removed. A program without output for this long hangs, as after a fault.
 * Even SIGKILL may not end it then, so its readings are removed first.
 */
const silenceMs = 10_000;
const restartMs = 30_000;
/** Limits the log on a machine that has the program but no driver. */
const restartLogMs = 3_600_000;
/** A kernel log that may not be read ends earlier than this. */
const followingAfterMs = 2_000;

/**
 * Records memory, load and temperature of every NVIDIA device once per second, and the Xid errors of the kernel log if
 * it can be read. Without `nvidia-smi` it does nothing. Outdated readings are removed.
 */
export function startGpuWatch({ metrics, logger, env }: GpuWatchOptions): GpuWatch {
  const devices = createDeviceTable();
  const logRestart = logOncePer(restartLogMs, { write: logger.warn });
  let xid: XidWatch | undefined;
  let smi: LineSource | undefined;
  let restart: NodeJS.Timeout | undefined;
  let lastReadingMs = performance.now();
  let stopped = false;
  const record = () => {
    const readings = devices.current();
    metrics.gpusSampled(readings.map(({ pciAddress: _, ...sample }) => sample));
    if (xid?.isFollowing()) metrics.gpuXidWatched(readings);
  };
  const start = () => {
    lastReadingMs = performance.now();
    smi = startNvidiaSmi(sampleMs, { env, listener: { line: onReading, ended: smiEnded } });
  };
  const onReading = (line: string) => {
    const reading = parseReading(line);
    if (!reading) return;
    lastReadingMs = performance.now();
    if (devices.add(reading)) logger.info('GPU found', { gpu: reading.gpu, uuid: reading.uuid });
    xid ??= watchXid(devices, { metrics, env });
    record();
  };
  const smiEnded = ({ isMissing }: { isMissing: boolean }) => {
    smi = undefined;
    if (isMissing) clearInterval(silence);
    if (stopped || isMissing) return;
    devices.clear();
    record();
    logRestart('nvidia-smi ended and will be restarted', { delayMs: restartMs });
    restart = setTimeout(start, restartMs);
  };
  start();
  const silence = setInterval(() => {
    if (performance.now() - lastReadingMs <= silenceMs) return;
    record();
    smi?.stop();
  }, sampleMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(restart);
      clearInterval(silence);
      smi?.stop();
      xid?.stop();
    },
  };
}

interface DeviceTable {
  /** Adds a reading. Returns whether the device is new. */
  add(reading: GpuReading): boolean;
  current(): GpuReading[];
  /** The device that was last seen at this PCI address, also if it has been removed. */
  at(pciAddress: string): GpuReading | undefined;
  clear(): void;
}

function createDeviceTable(): DeviceTable {
  const seen = new Map<string, { reading: GpuReading; atMs: number }>();
  const byAddress = new Map<string, GpuReading>();
  return {
    add(reading) {
      const isNew = !seen.has(reading.uuid);
      seen.set(reading.uuid, { reading, atMs: performance.now() });
      byAddress.set(reading.pciAddress, reading);
      return isNew;
    },
    current() {
      for (const [uuid, { atMs }] of seen) if (performance.now() - atMs > silenceMs) seen.delete(uuid);
      return [...seen.values()].map(({ reading }) => reading);
    },
    at: (pciAddress) => byAddress.get(pciAddress),
    clear: () => seen.clear(),
  };
}

interface XidWatch {
  isFollowing(): boolean;
  stop(): void;
}

function watchXid(devices: DeviceTable, { metrics, env }: Omit<GpuWatchOptions, 'logger'>): XidWatch {
  const startedMs = performance.now();
  let hasEnded = false;
  const line = (text: string) => {
    const address = xidAddress(text);
    // after such an error, a lost device gives no more readings
    const hit = address === undefined ? undefined : devices.at(address);
    if (hit) metrics.gpuXid(hit);
  };
  const source = startKernelLog({ env, listener: { line, ended: () => (hasEnded = true) } });
  return {
    isFollowing: () => !hasEnded && performance.now() - startedMs > followingAfterMs,
    stop: source.stop,
  };
}
