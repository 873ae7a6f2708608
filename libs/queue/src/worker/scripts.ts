import { createHash } from 'node:crypto';
import type { BundleRef } from '@rerank-fleet/contract';
import type { RedisClient } from '../redis/connections';
import type { FleetKeys } from '../redis/keys';
import { clock, scripted, type ScriptArgument } from '../redis/lua';
import { aliveMs } from '../redis/timing';

/**
 * Announces a worker, if the digest of an announcement is given. The text is given only if it has changed; if Redis does
 * not hold the text of the digest (it lost its data, or a failover lost the last write), the last value is 0 and nothing
 * else is done. A bundle keeps the announcement that changed last among its live workers. Returns the heartbeats of the gateways, from which the worker
 * derives which gateways are dead, and the requests that were cancelled since its last heartbeat. If the clock went
 * back (a failover), some cancellations are returned again.
 */
const workerHeartbeatLua = `${clock}
local function isLastAlive()
  local _, worker = pcall(function() return cjson.decode(redis.call('HGET', KEYS[3], ARGV[3])).workerId end)
  return isFresh(redis.call('ZSCORE', KEYS[2], tostring(worker)) or 0, ARGV[6])
end
if ARGV[5] ~= '' then
  local isNew = ARGV[2] ~= ''
  local text = isNew and ARGV[2] or redis.call('HGET', KEYS[1], ARGV[1]) or ''
  if isNew then redis.call('HSET', KEYS[1], ARGV[1], text)
  elseif redis.sha1hex(text) ~= ARGV[5] then return { now, {}, {}, 0 } end
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  if isNew or not isLastAlive() then redis.call('HSET', KEYS[3], ARGV[3], text) end
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
return { now, gateways, redis.call('ZRANGEBYSCORE', KEYS[6], since, '+inf'), 1 }
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
  rerankWorkerHeartbeat(keyCount: number, ...args: ScriptArgument[]): Promise<[number, string[], string[], 0 | 1]>;
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
  /** The announcement that Redis has answered before. It is sent again only if Redis does not hold it any more. */
  answered: string | undefined;
  /** Time of the last heartbeat on Redis' clock, ms. Cancellations after it are returned. */
  sinceMs: number;
}

export async function workerHeartbeat(redis: RedisClient, keys: FleetKeys, beat: WorkerBeat) {
  const { workerId, bundle, announcement = '', answered, sinceMs } = beat;
  const send = (text: string) =>
    scripted<WorkerScripts>(redis, scripts).rerankWorkerHeartbeat(
      6,
      ...[keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen, keys.gateways, keys.cancelled],
      ...[
        workerId,
        text,
        bundle,
        sinceMs,
        announcement && createHash('sha1').update(announcement).digest('hex'),
        aliveMs,
      ],
    );
  let answer = await send(announcement === answered ? '' : announcement);
  if (answer[3] === 0) answer = await send(announcement);
  const [nowMs, pairs, cancelled] = answer;
  const gateways = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) gateways.set(pairs[i] as string, pairs[i + 1] as string);
  return { nowMs, gateways, cancelled };
}
