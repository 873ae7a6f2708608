import { type App, readMetrics } from '../processes/apps';
import type { BuiltFleet } from '../processes/built-fleet';
import { redisCommand, redisInfo } from '../processes/redis-server';
import type { Figure, FigureKind } from './flatness';

/** Records figures of a fleet over time. */
export interface FigureRecorder {
  /** Reads all figures and adds the values. */
  read(): Promise<void>;
  all(): Figure[];
}

type Reading = { name: string; kind: FigureKind; value: number };

/** Records memory, heap, descriptors and series of every app, and keys and data of Redis. */
export function recordFigures(fleet: BuiltFleet): FigureRecorder {
  const apps = [...fleet.gateways, ...fleet.workers, ...fleet.boards];
  const figures = new Map<string, Figure & { values: number[] }>();
  return {
    async read() {
      const readings = (await Promise.all([...apps.map(readApp), readRedis(fleet)])).flat();
      for (const { name, kind, value } of readings) {
        const figure = figures.get(name) ?? { name, kind, values: [] };
        figure.values.push(value);
        figures.set(name, figure);
      }
    },
    all: () => [...figures.values()],
  };
}

async function readApp({ name, opsUrl }: App): Promise<Reading[]> {
  const samples = await readMetrics(opsUrl);
  const of = (kind: FigureKind, value: number | undefined): Reading => ({
    name: `${name} ${kind}`,
    kind,
    value: value ?? NaN,
  });
  return [
    of('memory', samples.get('process_resident_memory_bytes')),
    of('heap', samples.get('nodejs_heap_size_used_bytes')),
    of('descriptors', samples.get('process_open_fds')),
    of('series', samples.size),
  ];
}

async function readRedis({ redis }: BuiltFleet): Promise<Reading[]> {
  const { name, port } = await redis.master();
  return [
    { name: `${name} keys`, kind: 'keys', value: Number(await redisCommand(port, ['DBSIZE'])) },
    { name: `${name} data`, kind: 'data', value: Number(await redisInfo(port, 'used_memory')) },
  ];
}
