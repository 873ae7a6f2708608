import type { BundleRef } from '@rerank-fleet/contract';
import type { RedisClient } from '../redis/connections';
import type { FleetKeys } from '../redis/keys';
import { clock, scripted, type ScriptArgument } from '../redis/lua';
import { aliveMs } from '../redis/timing';

/**
 * Announces a worker, if an announcement is given. Returns the heartbeats of the gateways, from which the worker
 * derives which gateways are dead, and the requests that were cancelled since its last heartbeat. If the clock went
 * back (a failover), some cancellations are returned again.
 */
const workerHeartbeatLua = `${clock}
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
  redis.call('ZADD', KEYS[4], now, ARGV[3])
end
for _, range in ipairs({ { '-inf', now - 60000 }, { now + 60000, '+inf' } }) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], range[1], range[2], 'LIMIT', 0, 1000)) do
    redis.call('HDEL', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
  end
end
local gateways = redis.call('HGETALL', KEYS[5])
for i = 1, #gateways, 2 do
  if not isFresh(gateways[i + 1], 3600000) then redis.call('HDEL', KEYS[5], gateways[i]) end
end
local since = math.min(tonumber(ARGV[4]), now) - 2000
return { now, gateways, redis.call('ZRANGEBYSCORE', KEYS[6], since, '+inf') }
`;

/**
 * Removes a worker from the registry. Returns 1 when gateways are alive and no other worker serves the bundle: work may
 * then still arrive on a queue without workers.
 */
const withdrawLua = `${clock}
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], now - ARGV[4], now + ARGV[4])) do
  local read, other = pcall(cjson.decode, redis.call('HGET', KEYS[1], id) or '')
  if read and other.bundle and other.bundle.name == ARGV[2] and other.bundle.version == ARGV[3] then return 0 end
end
for _, seen in ipairs(redis.call('HVALS', KEYS[3])) do
  if isFresh(seen, ARGV[4]) then return 1 end
end
return 0
`;

interface WorkerScripts {
  rerankWorkerHeartbeat(keyCount: number, ...args: ScriptArgument[]): Promise<[number, string[], string[]]>;
  rerankWithdraw(keyCount: number, ...args: ScriptArgument[]): Promise<number>;
}

const scripts = { rerankWorkerHeartbeat: workerHeartbeatLua, rerankWithdraw: withdrawLua };

/** Removes a worker from the registry. Returns whether it was the last one of its bundle while gateways are alive. */
export async function withdraw(
  redis: RedisClient,
  keys: FleetKeys,
  { workerId, bundle }: { workerId: string; bundle: BundleRef },
): Promise<{ wasLast: boolean }> {
  const wasLast = await scripted<WorkerScripts>(redis, scripts).rerankWithdraw(
    3,
    ...[keys.workers, keys.workersSeen, keys.gateways],
    ...[workerId, bundle.name, bundle.version, aliveMs],
  );
  return { wasLast: wasLast === 1 };
}

export interface WorkerBeat {
  workerId: string;
  bundle: string;
  /** Undefined: the worker is not announced, so gateways do not choose it; it only reads. */
  announcement: string | undefined;
  /** Time of the last heartbeat on Redis' clock, ms. Cancellations after it are returned. */
  sinceMs: number;
}

export async function workerHeartbeat(redis: RedisClient, keys: FleetKeys, beat: WorkerBeat) {
  const [nowMs, pairs, cancelled] = await scripted<WorkerScripts>(redis, scripts).rerankWorkerHeartbeat(
    6,
    ...[keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen, keys.gateways, keys.cancelled],
    ...[beat.workerId, beat.announcement ?? '', beat.bundle, beat.sinceMs],
  );
  const gateways = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) gateways.set(pairs[i] as string, pairs[i + 1] as string);
  return { nowMs, gateways, cancelled };
}
