import type { RedisClient } from '../redis/connections';
import { oldVersionSilenceMs } from '../redis/timing';

/** What versions up to the hash tag wrote under a prefix; `<prefix>:other` may be another fleet's. */
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
 * Removes the keys of versions whose keys had no hash tag, once no gateway or worker of such a version has given a sign of
 * life for ten minutes. Nothing else removes them: among them are jobs with texts of users. Until then both kinds of
 * versions work beside each other on one Redis.
 *
 * @param prefix as it is configured, without braces
 * @returns whether there is nothing left to remove
 */
export async function removeOldKeys(redis: RedisClient, prefix: string): Promise<boolean> {
  // a Cluster never held them, and a prefix with a tag of its own has not changed
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

/** A prefix may hold what patterns take for more than itself. */
function escaped(prefix: string): string {
  return prefix.replace(/[\\*?[\]]/g, '\\$&');
}
