import type { BundleRef } from '@rerank-fleet/contract';
import type { RedisClient } from '../redis/connections';
import type { FleetKeys } from '../redis/keys';
import { clock, scripted, type ScriptArgument } from '../redis/lua';
import { aliveMs } from '../redis/timing';

/**
 * Announces a worker, if it has something to say, and returns the heartbeats of the gateways, by which it knows whose
 * callers are gone, and the requests that were cancelled since its last heartbeat. A clock that went back (another server
 * took over) only makes it hear some of them again.
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
 * Takes a worker off the registry. 1 when gateways are alive and no other worker serves the bundle, so that work may
 * still come to a queue that nobody reads.
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

/** Takes a worker off the registry; whether it was the last that live gateways could send the bundle's work to. */
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
  /** Undefined: the worker is not to be chosen, and only listens. */
  announcement: string | undefined;
  /** Redis' clock at the last heartbeat, ms; cancellations after it are returned. */
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
