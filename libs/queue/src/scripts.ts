import type { BundleRef } from '@rerank-fleet/contract';
import type { FleetKeys } from './keys';
import type { RedisClient } from './redis/connections';
import { aliveMs, bundleMemoryMs, cancelMemoryCount, cancelMemoryMs, idleTotalsMs } from './timing';

/**
 * Begins a script: `now` is Redis' clock in ms. A heartbeat is fresh when it is neither too old nor of the future: a server
 * whose clock is behind may have taken over, and whoever lives beats on its clock within a second.
 */
export const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function isFresh(seen, limit) return math.abs(now - tonumber(seen)) < tonumber(limit) end
`;

/**
 * Admits one whole request or refuses it. A gateway's field holds what it has in flight: each admission takes off what
 * was settled meanwhile and adds its own cost, so requests that are judged at the same moment never count each other
 * before they are admitted. A call whose answer was lost is put right by the totals of the next heartbeat.
 */
const admitLua = `${clock}
local gateway, alive = ARGV[1], ARGV[8]
local function others(key)
  local sum, fields = 0, redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if fields[i] ~= gateway then
      local seen = redis.call('HGET', KEYS[1], fields[i]) or '0'
      if isFresh(seen, alive) then sum = sum + tonumber(fields[i + 1]) else redis.call('HDEL', key, fields[i]) end
    end
  end
  return sum
end
local function own(key, released)
  return math.max(0, tonumber(redis.call('HGET', key, gateway) or '0') - tonumber(released))
end
local ownTokens, ownBytes = own(KEYS[2], ARGV[2]), own(KEYS[3], ARGV[3])
local costTokens, costBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local tokens, bytes = others(KEYS[2]) + ownTokens, others(KEYS[3]) + ownBytes
local fits = (tokens == 0 or tokens + costTokens <= tonumber(ARGV[6])) and bytes + costBytes <= tonumber(ARGV[7])
if fits then ownTokens, ownBytes = ownTokens + costTokens, ownBytes + costBytes end
redis.call('HSET', KEYS[1], gateway, now)
redis.call('HSET', KEYS[2], gateway, ownTokens)
redis.call('PEXPIRE', KEYS[2], ARGV[9])
redis.call('HSET', KEYS[3], gateway, ownBytes)
return { fits and 1 or 0, now, tokens, bytes }
`;

/** Reads many fields of a hash: one call with all of them would overflow Lua's stack from some thousands on. */
export const readFields = `
local function readFields(key, fields)
  local values = {}
  for first = 1, #fields, 1000 do
    local part = redis.call('HMGET', key, unpack(fields, first, math.min(first + 999, #fields)))
    for i = 1, #part do values[#values + 1] = part[i] end
  end
  return values
end
`;

/**
 * Rewrites a gateway's own totals, if given, and returns the fleet: live announcements, and the bundles of the last 24
 * hours. A queue on which the gateway has nothing in flight keeps no field of it, and no hash once all have left.
 */
const gatewayHeartbeatLua = `${clock}${readFields}
local gateway = ARGV[1]
redis.call('HSET', KEYS[1], gateway, now)
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], gateway, ARGV[2]) end
for i = 7, #KEYS do
  if ARGV[i - 1] == '0' then redis.call('HDEL', KEYS[i], gateway)
  else
    redis.call('HSET', KEYS[i], gateway, ARGV[i - 1])
    redis.call('PEXPIRE', KEYS[i], ARGV[5])
  end
end
for _, bundle in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now - tonumber(ARGV[4]))) do
  redis.call('HDEL', KEYS[5], bundle)
  redis.call('ZREM', KEYS[6], bundle)
end
local alive = redis.call('ZRANGEBYSCORE', KEYS[4], now - ARGV[3], now + ARGV[3])
local known = redis.call('ZRANGE', KEYS[6], 0, -1)
return { now, readFields(KEYS[3], alive), readFields(KEYS[5], known) }
`;

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

/** Notes cancelled requests, and forgets those whose jobs can be on no queue any more, or that are too many. */
const cancelLua = `${clock}
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[1]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[2]))
return now
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

type Arg = string | number;
/** The scripts as methods of one connection; sent by hash, loaded by ioredis when Redis does not know them. */
interface ScriptedRedis {
  rerankAdmit(keyCount: number, ...args: Arg[]): Promise<[number, number, number, number]>;
  rerankGatewayHeartbeat(keyCount: number, ...args: Arg[]): Promise<[number, (string | null)[], (string | null)[]]>;
  rerankWorkerHeartbeat(keyCount: number, ...args: Arg[]): Promise<[number, string[], string[]]>;
  rerankCancel(keyCount: number, ...args: Arg[]): Promise<number>;
  rerankWithdraw(keyCount: number, ...args: Arg[]): Promise<number>;
}

function scripted(redis: RedisClient): ScriptedRedis {
  if (!('rerankAdmit' in redis)) {
    redis.defineCommand('rerankAdmit', { lua: admitLua });
    redis.defineCommand('rerankGatewayHeartbeat', { lua: gatewayHeartbeatLua });
    redis.defineCommand('rerankWorkerHeartbeat', { lua: workerHeartbeatLua });
    redis.defineCommand('rerankCancel', { lua: cancelLua });
    redis.defineCommand('rerankWithdraw', { lua: withdrawLua });
  }
  return redis as unknown as ScriptedRedis;
}

export interface AdmitArguments {
  gateway: string;
  queue: string;
  /** What of this gateway's was settled since its last call. */
  released: { tokens: number; bytes: number };
  cost: { tokens: number; bytes: number };
  limit: { tokens: number; bytes: number };
}

export interface Admission {
  admitted: boolean;
  nowMs: number;
  /** What the whole fleet had in flight before this request. */
  inFlight: { tokens: number; bytes: number };
}

export async function admit(
  redis: RedisClient,
  keys: FleetKeys,
  { gateway, queue, released, cost, limit }: AdmitArguments,
): Promise<Admission> {
  const [fits, nowMs, tokens, bytes] = await scripted(redis).rerankAdmit(
    3,
    ...[keys.gateways, keys.inFlightTokens(queue), keys.inFlightBytes],
    ...[gateway, released.tokens, released.bytes, cost.tokens, cost.bytes, limit.tokens, limit.bytes],
    ...[aliveMs, idleTotalsMs],
  );
  return { admitted: fits === 1, nowMs, inFlight: { tokens, bytes } };
}

export interface GatewayBeat {
  gateway: string;
  /** The gateway's own totals; left out while an admission is under way, which they could not yet hold. */
  totals: { bytes: number; /** By queue, zeros included. */ tokens: ReadonlyMap<string, number> } | undefined;
}

export async function gatewayHeartbeat(redis: RedisClient, keys: FleetKeys, beat: GatewayBeat) {
  const fixed = [keys.gateways, keys.inFlightBytes, keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen];
  const queues = [...(beat.totals?.tokens.keys() ?? [])].map(keys.inFlightTokens);
  const [nowMs, workers, bundles] = await scripted(redis).rerankGatewayHeartbeat(
    fixed.length + queues.length,
    ...fixed,
    ...queues,
    ...[beat.gateway, beat.totals?.bytes ?? '', aliveMs, bundleMemoryMs, idleTotalsMs],
    ...(beat.totals?.tokens.values() ?? []),
  );
  return { nowMs, workers, bundles };
}

/** Takes a worker off the registry; whether it was the last that live gateways could send the bundle's work to. */
export async function withdraw(
  redis: RedisClient,
  keys: FleetKeys,
  { workerId, bundle }: { workerId: string; bundle: BundleRef },
): Promise<{ wasLast: boolean }> {
  const wasLast = await scripted(redis).rerankWithdraw(
    3,
    ...[keys.workers, keys.workersSeen, keys.gateways],
    ...[workerId, bundle.name, bundle.version, aliveMs],
  );
  return { wasLast: wasLast === 1 };
}

/** Notes that nobody waits for these requests any more. */
export async function noteCancelled(redis: RedisClient, keys: FleetKeys, requestIds: readonly string[]): Promise<void> {
  // Lua's stack holds some thousands of arguments
  for (let first = 0; first < requestIds.length; first += 1_000) {
    const ids = requestIds.slice(first, first + 1_000);
    await scripted(redis).rerankCancel(1, keys.cancelled, cancelMemoryMs, cancelMemoryCount, ...ids);
  }
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
  const [nowMs, pairs, cancelled] = await scripted(redis).rerankWorkerHeartbeat(
    6,
    ...[keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen, keys.gateways, keys.cancelled],
    ...[beat.workerId, beat.announcement ?? '', beat.bundle, beat.sinceMs],
  );
  const gateways = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) gateways.set(pairs[i] as string, pairs[i + 1] as string);
  return { nowMs, gateways, cancelled };
}
