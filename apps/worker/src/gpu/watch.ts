import type { WorkerMetrics } from '@rerank-fleet/metrics';
import { type Logger, logOncePer } from '@rerank-fleet/service-shell';
import { startKernelLog, xidAddress } from './kernel-log';
import type { LineSource } from './line-source';
import { type GpuReading, parseReading, startNvidiaSmi } from './nvidia-smi';

/** Where the figures go. */
export interface GpuWatchOptions {
  metrics: Pick<WorkerMetrics, 'gpusSampled' | 'gpuXidWatched' | 'gpuXid'>;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Environment of the programs that are asked. */
  env: NodeJS.ProcessEnv;
}

/** Ends both children. */
export interface GpuWatch {
  stop(): void;
}

const sampleMs = 1_000;
/**
 * A device without a reading for so long is gone. A program that says nothing for so long hangs, as after a fault, and
 * then maybe not even SIGKILL ends it: its figures go first.
 */
const silenceMs = 10_000;
const restartMs = 30_000;
/** A machine with the program and without a driver would else say so for ever. */
const restartLogMs = 3_600_000;
/** A kernel log that may not be read ends sooner than this. */
const followingAfterMs = 2_000;

/**
 * Records memory, load and temperature of every NVIDIA device each second, and the Xid errors of the kernel log where
 * it can be read. On a machine without `nvidia-smi` it does nothing further; figures that grow old are taken away.
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
    if (devices.saw(reading)) logger.info('GPU found', { gpu: reading.gpu, uuid: reading.uuid });
    xid ??= watchXid(devices, { metrics, env });
    record();
  };
  const smiEnded = ({ isMissing }: { isMissing: boolean }) => {
    smi = undefined;
    if (isMissing) clearInterval(silence);
    if (stopped || isMissing) return;
    devices.clear();
    record();
    logRestart('nvidia-smi ended; it is started again', { delayMs: restartMs });
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
  /** True when the device is new. */
  saw(reading: GpuReading): boolean;
  current(): GpuReading[];
  /** The device that was last seen at this place on the bus, be it gone by now. */
  at(pciAddress: string): GpuReading | undefined;
  clear(): void;
}

function createDeviceTable(): DeviceTable {
  const seen = new Map<string, { reading: GpuReading; atMs: number }>();
  const byAddress = new Map<string, GpuReading>();
  return {
    saw(reading) {
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
    // a device that such an error took away gives no readings any more
    const hit = address === undefined ? undefined : devices.at(address);
    if (hit) metrics.gpuXid(hit);
  };
  const source = startKernelLog({ env, listener: { line, ended: () => (hasEnded = true) } });
  return {
    isFollowing: () => !hasEnded && performance.now() - startedMs > followingAfterMs,
    stop: source.stop,
  };
}
