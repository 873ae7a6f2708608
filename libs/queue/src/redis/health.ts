import type { RedisTrouble } from '@rerank-fleet/contract';
import { Redis } from 'ioredis';
import { refusedEvent, type RedisClient } from './connections';
import { troubleOf } from './trouble';

/** Whether Redis can be used, judged by the commands of one connection. */
export interface RedisHealth {
  /** Why Redis cannot be used; undefined while it can. */
  trouble(): RedisTrouble | undefined;
  worked(): void;
  /** Call when a command failed or its answer is overdue. */
  failed(error?: Error): void;
}

/**
 * Derives the state from the reported results. A command that waits for a connection shows only that there is none. The
 * reason is then the last refusal that the connection got, or what the server reports about itself.
 *
 * @param onChange called once per change, with undefined when Redis can be used again
 */
export function createRedisHealth(
  redis: RedisClient,
  onChange: (trouble: RedisTrouble | undefined) => void,
): RedisHealth {
  let current: RedisTrouble | undefined = 'away';
  let lastRefusal: RedisTrouble = 'away';
  let isAsking = false;
  const noteRefusal = (error: Error) => (lastRefusal = troubleOf(error));
  redis.on('error', noteRefusal).on(refusedEvent, noteRefusal);
  const set = (next: RedisTrouble | undefined) => {
    if (next === current) return;
    current = next;
    onChange(next);
  };
  const ask = async () => {
    if (isAsking) return;
    isAsking = true;
    const answer = await readServerTrouble(redis).catch(() => undefined);
    isAsking = false;
    if (answer === undefined || current === undefined) return;
    lastRefusal = answer;
    set(answer);
  };
  return {
    trouble: () => current,
    worked() {
      lastRefusal = 'away';
      set(undefined);
    },
    failed(error) {
      const trouble = error ? troubleOf(error) : 'away';
      set(trouble === 'away' ? lastRefusal : trouble);
      if (current === 'away') void ask();
    },
  };
}

/** ioredis holds commands back while a server loads its data and while a Cluster is incomplete. */
async function readServerTrouble(redis: RedisClient): Promise<RedisTrouble | undefined> {
  if (redis instanceof Redis) {
    const isReached = redis.status === 'connect';
    return isReached && (await redis.info('persistence')).includes('\nloading:1') ? 'LOADING' : undefined;
  }
  const [node] = redis.nodes().filter(({ status }) => status === 'ready');
  const info = await node?.cluster('INFO');
  return info?.includes('cluster_state:fail') ? 'CLUSTERDOWN' : undefined;
}
