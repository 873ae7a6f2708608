import { Redis } from 'ioredis';
import { refusedEvent, type RedisClient } from './connections';
import { troubleOf, type RedisTrouble } from './trouble';

/** Whether Redis can be worked with, as the commands of one connection show. */
export interface RedisHealth {
  /** Why not; undefined while it can. */
  trouble(): RedisTrouble | undefined;
  worked(): void;
  /** A command failed, or its answer is overdue. */
  failed(error?: Error): void;
}

/**
 * Judges by what is reported to it. A command that waits for a connection only shows that there is none; then the reason is
 * the last refusal that the connection met, or what the server says of itself.
 *
 * @param onChange told once per change; undefined: Redis can be worked with again
 */
export function createRedisHealth(
  redis: RedisClient,
  onChange: (trouble: RedisTrouble | undefined) => void,
): RedisHealth {
  let current: RedisTrouble | undefined = 'away';
  let met: RedisTrouble = 'away';
  let isAsking = false;
  const noteMet = (error: Error) => (met = troubleOf(error));
  redis.on('error', noteMet).on(refusedEvent, noteMet);
  const set = (next: RedisTrouble | undefined) => {
    if (next === current) return;
    current = next;
    onChange(next);
  };
  const ask = async () => {
    if (isAsking) return;
    isAsking = true;
    const answer = await troubleByItsOwnWords(redis).catch(() => undefined);
    isAsking = false;
    if (answer === undefined || current === undefined) return;
    met = answer;
    set(answer);
  };
  return {
    trouble: () => current,
    worked() {
      met = 'away';
      set(undefined);
    },
    failed(error) {
      const trouble = error ? troubleOf(error) : 'away';
      set(trouble === 'away' ? met : trouble);
      if (current === 'away') void ask();
    },
  };
}

/** ioredis holds commands back while a server still loads its data, and while a Cluster is not complete. */
async function troubleByItsOwnWords(redis: RedisClient): Promise<RedisTrouble | undefined> {
  if (redis instanceof Redis) {
    const isReached = redis.status === 'connect';
    return isReached && (await redis.info('persistence')).includes('\nloading:1') ? 'LOADING' : undefined;
  }
  const [node] = redis.nodes().filter(({ status }) => status === 'ready');
  const info = await node?.cluster('INFO');
  return info?.includes('cluster_state:fail') ? 'CLUSTERDOWN' : undefined;
}
