import type { RedisClient } from '../redis/connections';
import { oldVersionSilenceMs } from '../redis/timing';

/** The keys that versions before the hash tag wrote under a prefix. `<prefix>:other` may belong to another fleet. */
const names = [
  'gateways',
  'in-flight:*',
  'workers',
  'workers:*',
  'bundles',
  'bundles:*',
  'cancelled',
  'replies:*',
  'bull:*',
];

/**
 * Removes the keys of versions without a hash tag, once no gateway or worker of such a version has sent a heartbeat for
 * ten minutes. Nothing else removes these keys, and they include jobs with users' texts. Until then, both kinds of
 * versions can share one Redis.
 *
 * @param prefix as configured, without braces
 * @returns whether nothing is left to remove
 */
export async function removeOldKeys(redis: RedisClient, prefix: string): Promise<boolean> {
  // such versions did not support a Cluster, and a prefix with its own hash tag has not changed
  if ('nodes' in redis || prefix.includes('{')) return true;
  const nowMs = Date.now();
  const beats = [...(await redis.hvals(`${prefix}:gateways`)), ...(await lastWorkerBeat(redis, prefix))];
  if (beats.some((beat) => nowMs - Number(beat) < oldVersionSilenceMs)) return false;
  for (const name of names) await removeMatching(redis, `${escaped(prefix)}:${name}`);
  return true;
}

async function lastWorkerBeat(redis: RedisClient, prefix: string): Promise<string[]> {
  const [, beat] = await redis.zrange(`${prefix}:workers:seen`, '-1', '-1', 'WITHSCORES');
  return beat === undefined ? [] : [beat];
}

async function removeMatching(redis: RedisClient, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}

/** Escapes the characters of a prefix that are special in patterns. */
function escaped(prefix: string): string {
  return prefix.replace(/[\\*?[\]]/g, '\\$&');
}
