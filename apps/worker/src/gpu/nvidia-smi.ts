import type { GpuSample } from '@rerank-fleet/metrics';
import { type LineSource, type Program, startProgram } from './line-source';

/** One reading of one device, with the place on the bus by which the kernel log names it. */
export interface GpuReading extends GpuSample {
  /** Domain, bus and device in lower case, such as `0000:65:00`. */
  pciAddress: string;
}

const fields = ['index', 'uuid', 'pci.bus_id', 'memory.used', 'memory.total', 'utilization.gpu', 'temperature.gpu'];
const mebibyte = 1024 * 1024;

/**
 * One line of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`; undefined for what is no reading, such as a
 * message of the driver. A figure that a device does not have reads `[N/A]` there and is undefined here.
 */
export function parseReading(line: string): GpuReading | undefined {
  const [gpu, uuid, busId, used, total, busy, temperature, ...rest] = line.split(',').map((field) => field.trim());
  const address = /^(?:0000)?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2})\.\d$/.exec(busId?.toLowerCase() ?? '')?.[1];
  if (gpu === undefined || !/^\d+$/.test(gpu) || !uuid || address === undefined || rest.length > 0) return undefined;
  return {
    gpu,
    uuid,
    pciAddress: address,
    memoryUsedBytes: figure(used, mebibyte),
    memoryTotalBytes: figure(total, mebibyte),
    utilizationPercent: figure(busy),
    temperatureCelsius: figure(temperature),
  };
}

function figure(text: string | undefined, unit = 1): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) * unit : undefined;
}

/** Asks for all devices again and again, with one long-lived child. */
export function startNvidiaSmi(intervalMs: number, program: Omit<Program, 'args'>): LineSource {
  const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits', '-lms', String(intervalMs)];
  return startProgram('nvidia-smi', { ...program, args });
}
