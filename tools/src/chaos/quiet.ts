import { z } from 'zod';
import { readMetrics } from '../processes/apps';
import type { BuiltFleet } from '../processes/built-fleet';
import { poll } from '../up/waiting';

/** Time limit for counters to return to 0 after the last answer. */
const quietLimitMs = 90_000;

const fleetAnswer = z.object({ redis: z.string(), queued_tokens: z.number(), queued_bytes: z.number() });

/** Descriptions of what is still counted after the last answer; empty when the fleet is idle again. */
export async function findRemains(fleet: Pick<BuiltFleet, 'gateways' | 'boards'>): Promise<string[]> {
  let remains: string[] = [];
  const isQuiet = async () => {
    remains = (
      await Promise.all([
        ...fleet.gateways.map(({ name, url }) => heldBy(name, url)),
        ...fleet.boards.map(({ opsUrl }) => jobsOf(opsUrl)),
      ])
    ).flat();
    return remains.length === 0;
  };
  await poll(isQuiet, { intervalMs: 500, until: (waitedMs) => waitedMs > quietLimitMs });
  return remains;
}

async function heldBy(name: string, url: string): Promise<string[]> {
  try {
    const response = await fetch(`${url}/v1/fleet`, { signal: AbortSignal.timeout(10_000) });
    const { redis, queued_tokens: tokens, queued_bytes: bytes } = fleetAnswer.parse(await response.json());
    if (redis !== 'up') return [`${name}: Redis is ${redis}`];
    return tokens === 0 && bytes === 0 ? [] : [`${name}: ${tokens} tokens and ${bytes} bytes in flight`];
  } catch (error) {
    return [`${name}: ${String(error)}`];
  }
}

/** Failed jobs are kept for an hour for the queue board, so they may remain. */
const restStates = ['failed'];

/** Jobs that are not finished, as reported by the queue board. */
async function jobsOf(opsUrl: string): Promise<string[]> {
  const samples = await readMetrics(opsUrl).catch(() => new Map<string, number>());
  if (samples.get('reranker_queue_exporter_up') !== 1) return ['the queue board cannot reach Redis'];
  return [...samples]
    .filter(([sample, value]) => sample.startsWith('reranker_queue_jobs{') && value > 0)
    .filter(([sample]) => !restStates.some((state) => sample.includes(`state="${state}"`)))
    .map(([sample, value]) => `${sample} ${value}`);
}
