import type { BundleRef } from '@rerank-fleet/contract';
import type { Redis } from 'ioredis';
import type { FleetKeys } from './keys';
import { aliveMs, bundleMemoryMs } from './timing';

/** Begins a script: `now` is Redis' clock in ms. */
export const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Admits one whole request or refuses it. A gateway's field holds what it has in flight: each admission takes off what
 * was settled meanwhile and adds its own cost, so requests that are judged at the same moment never count each other
 * before they are admitted. A call whose answer was lost is put right by the totals of the next heartbeat.
 */
const admitLua = `${clock}
local gateway, alive = ARGV[1], tonumber(ARGV[8])
local function others(key)
  local sum, fields = 0, redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if fields[i] ~= gateway then
      local seen = tonumber(redis.call('HGET', KEYS[1], fields[i]) or '0')
      if now - seen < alive then sum = sum + tonumber(fields[i + 1]) else redis.call('HDEL', key, fields[i]) end
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
redis.call('HSET', KEYS[3], gateway, ownBytes)
return { fits and 1 or 0, now, tokens, bytes }
`;

/** Rewrites a gateway's own totals, if given, and returns the fleet: live announcements, and the bundles of the last 24 hours. */
const gatewayHeartbeatLua = `${clock}
local gateway = ARGV[1]
redis.call('HSET', KEYS[1], gateway, now)
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], gateway, ARGV[2]) end
for i = 7, #KEYS do redis.call('HSET', KEYS[i], gateway, ARGV[i - 2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', now - tonumber(ARGV[4]))
local alive = redis.call('ZRANGEBYSCORE', KEYS[4], now - tonumber(ARGV[3]), '+inf')
local known = redis.call('ZRANGE', KEYS[6], 0, -1)
local workers = #alive > 0 and redis.call('HMGET', KEYS[3], unpack(alive)) or {}
local bundles = #known > 0 and redis.call('HMGET', KEYS[5], unpack(known)) or {}
return { now, workers, bundles }
`;

/** Announces a worker and returns the heartbeats of the gateways, by which it knows whose callers are gone. */
const workerHeartbeatLua = `${clock}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[4], now, ARGV[3])
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
for _, id in ipairs(gone) do redis.call('HDEL', KEYS[1], id) redis.call('ZREM', KEYS[2], id) end
local gateways = redis.call('HGETALL', KEYS[5])
for i = 1, #gateways, 2 do
  if now - tonumber(gateways[i + 1]) > 3600000 then redis.call('HDEL', KEYS[5], gateways[i]) end
end
return { now, gateways }
`;

/**
 * Takes a worker off the registry. 1 when gateways are alive and no other worker serves the bundle, so that work may
 * still come to a queue that nobody reads.
 */
const withdrawLua = `${clock}
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
local since = now - tonumber(ARGV[4])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], since, '+inf')) do
  local read, other = pcall(cjson.decode, redis.call('HGET', KEYS[1], id) or '')
  if read and other.bundle and other.bundle.name == ARGV[2] and other.bundle.version == ARGV[3] then return 0 end
end
for _, seen in ipairs(redis.call('HVALS', KEYS[3])) do
  if tonumber(seen) > since then return 1 end
end
return 0
`;

type Arg = string | number;
/** The scripts as methods of one connection; sent by hash, loaded by ioredis when Redis does not know them. */
interface ScriptedRedis {
  rerankAdmit(keyCount: number, ...args: Arg[]): Promise<[number, number, number, number]>;
  rerankGatewayHeartbeat(keyCount: number, ...args: Arg[]): Promise<[number, (string | null)[], (string | null)[]]>;
  rerankWorkerHeartbeat(keyCount: number, ...args: Arg[]): Promise<[number, string[]]>;
  rerankWithdraw(keyCount: number, ...args: Arg[]): Promise<number>;
}

function scripted(redis: Redis): ScriptedRedis {
  if (!('rerankAdmit' in redis)) {
    redis.defineCommand('rerankAdmit', { lua: admitLua });
    redis.defineCommand('rerankGatewayHeartbeat', { lua: gatewayHeartbeatLua });
    redis.defineCommand('rerankWorkerHeartbeat', { lua: workerHeartbeatLua });
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
  redis: Redis,
  keys: FleetKeys,
  { gateway, queue, released, cost, limit }: AdmitArguments,
): Promise<Admission> {
  const [fits, nowMs, tokens, bytes] = await scripted(redis).rerankAdmit(
    3,
    ...[keys.gateways, keys.inFlightTokens(queue), keys.inFlightBytes],
    ...[gateway, released.tokens, released.bytes, cost.tokens, cost.bytes, limit.tokens, limit.bytes, aliveMs],
  );
  return { admitted: fits === 1, nowMs, inFlight: { tokens, bytes } };
}

export interface GatewayBeat {
  gateway: string;
  /** The gateway's own totals; left out while an admission is under way, which they could not yet hold. */
  totals: { bytes: number; /** By queue, zeros included. */ tokens: ReadonlyMap<string, number> } | undefined;
}

export async function gatewayHeartbeat(redis: Redis, keys: FleetKeys, beat: GatewayBeat) {
  const fixed = [keys.gateways, keys.inFlightBytes, keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen];
  const queues = [...(beat.totals?.tokens.keys() ?? [])].map(keys.inFlightTokens);
  const [nowMs, workers, bundles] = await scripted(redis).rerankGatewayHeartbeat(
    fixed.length + queues.length,
    ...fixed,
    ...queues,
    ...[beat.gateway, beat.totals?.bytes ?? '', aliveMs, bundleMemoryMs, ...(beat.totals?.tokens.values() ?? [])],
  );
  return { nowMs, workers, bundles };
}

/** Takes a worker off the registry; whether it was the last that live gateways could send the bundle's work to. */
export async function withdraw(
  redis: Redis,
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

export interface WorkerBeat {
  workerId: string;
  bundle: string;
  announcement: string;
}

export async function workerHeartbeat(redis: Redis, keys: FleetKeys, beat: WorkerBeat) {
  const [nowMs, pairs] = await scripted(redis).rerankWorkerHeartbeat(
    5,
    ...[keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen, keys.gateways],
    ...[beat.workerId, beat.announcement, beat.bundle],
  );
  const gateways = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) gateways.set(pairs[i] as string, pairs[i + 1] as string);
  return { nowMs, gateways };
}
