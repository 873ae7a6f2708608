import type { GpuSample } from '@rerank-fleet/metrics';
import { type LineSource, type Program, startProgram } from './line-source';

/** One reading of one device, with its PCI address, which identifies it in the kernel log. */
export interface GpuReading extends GpuSample {
  /** Domain, bus and device in lower case, such as `0000:65:00`. */
  pciAddress: string;
}

const fields = ['index', 'uuid', 'pci.bus_id', 'memory.used', 'memory.total', 'utilization.gpu', 'temperature.gpu'];
const mebibyte = 1024 * 1024;

/**
 * Parses one line of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`. Undefined for any other line, such as a
 * message of the driver. Values that a device does not have are `[N/A]` in the line and undefined here.
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

const query = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];

/** Reads all devices periodically, with one long-lived child process. */
export function startNvidiaSmi(intervalMs: number, program: Omit<Program, 'args'>): LineSource {
  return startProgram('nvidia-smi', { ...program, args: [...query, '-lms', String(intervalMs)] });
}

/** Reads all devices once. None without `nvidia-smi`, or if it does not end within `limitMs`. Never rejects. */
export function readGpus(env: NodeJS.ProcessEnv, limitMs: number): Promise<GpuReading[]> {
  return new Promise((resolve) => {
    const readings: GpuReading[] = [];
    const answer = (found: GpuReading[]) => {
      clearTimeout(limit);
      resolve(found);
    };
    const listener = {
      line(text: string) {
        const reading = parseReading(text);
        if (reading) readings.push(reading);
      },
      ended: () => answer(readings),
    };
    const source = startProgram('nvidia-smi', { env, args: query, listener });
    const limit = setTimeout(() => {
      source.stop();
      answer([]);
    }, limitMs);
  });
}
