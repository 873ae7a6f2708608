import type { RedisClient } from '../redis/connections';
import type { FleetKeys } from '../redis/keys';
import { clock, readFields, scripted, type ScriptArgument } from '../redis/lua';
import { aliveMs, bundleRetentionMs, cancelRetentionCount, cancelRetentionMs, idleTotalsMs } from '../redis/timing';
import type { RegistryAnswer } from './heartbeat';
import type { Cost } from './in-flight';

/**
 * Admits one whole request or refuses it. A gateway's field holds what the gateway has in flight. Each admission
 * subtracts what was settled since the last one and adds its own cost, so concurrent requests do not count each other
 * before they are admitted. If the answer to a call is lost, the totals of the next heartbeat correct the field.
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

/**
 * Rewrites a gateway's own totals, if given, and returns the fleet: the announcements of live workers, and the bundles
 * of the last 24 hours. If the gateway knows them already by their digest, only the digest is returned. A gateway has no
 * field for a queue on which it has nothing in flight.
 */
const gatewayHeartbeatLua = `${clock}${readFields}
local gateway = ARGV[1]
redis.call('HSET', KEYS[1], gateway, now)
if ARGV[2] ~= '' then redis.call('HSET', KEYS[2], gateway, ARGV[2]) end
for i = 7, #KEYS do
  if ARGV[i] == '0' then redis.call('HDEL', KEYS[i], gateway)
  else
    redis.call('HSET', KEYS[i], gateway, ARGV[i])
    redis.call('PEXPIRE', KEYS[i], ARGV[5])
  end
end
for _, bundle in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', now - tonumber(ARGV[4]))) do
  redis.call('HDEL', KEYS[5], bundle)
  redis.call('ZREM', KEYS[6], bundle)
end
local alive = redis.call('ZRANGEBYSCORE', KEYS[4], now - ARGV[3], now + ARGV[3])
local known = redis.call('ZRANGE', KEYS[6], 0, -1)
-- the order of the heartbeats changes every second
table.sort(alive)
table.sort(known)
local workers, bundles = readFields(KEYS[3], alive), readFields(KEYS[5], known)
local texts = {}
for _, list in ipairs({ workers, bundles }) do
  for i = 1, #list do texts[#texts + 1] = list[i] or '' end
  texts[#texts + 1] = ''
end
local digest = redis.sha1hex(table.concat(texts, '\\n'))
if digest == ARGV[6] then return { digest } end
return { digest, workers, bundles }
`;

/** Records cancelled requests. Drops those that are too old to have jobs on a queue, and the oldest above the limit. */
const cancelLua = `${clock}
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[1]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[2]))
return now
`;

interface GatewayScripts {
  rerankAdmit(keyCount: number, ...args: ScriptArgument[]): Promise<[number, number, number, number]>;
  rerankGatewayHeartbeat(
    keyCount: number,
    ...args: ScriptArgument[]
  ): Promise<[digest: string, workers?: (string | null)[], bundles?: (string | null)[]]>;
  rerankCancel(keyCount: number, ...args: ScriptArgument[]): Promise<number>;
}

const scripts = { rerankAdmit: admitLua, rerankGatewayHeartbeat: gatewayHeartbeatLua, rerankCancel: cancelLua };

export interface AdmitArguments {
  gateway: string;
  queue: string;
  /** What this gateway had settled since its last call. */
  released: Cost;
  cost: Cost;
  limit: Cost;
}

export interface Admission {
  admitted: boolean;
  nowMs: number;
  /** What the whole fleet had in flight before this request. */
  inFlight: Cost;
}

export async function admit(
  redis: RedisClient,
  keys: FleetKeys,
  { gateway, queue, released, cost, limit }: AdmitArguments,
): Promise<Admission> {
  const [fits, nowMs, tokens, bytes] = await scripted<GatewayScripts>(redis, scripts).rerankAdmit(
    3,
    ...[keys.gateways, keys.inFlightTokens(queue), keys.inFlightBytes],
    ...[gateway, released.tokens, released.bytes, cost.tokens, cost.bytes, limit.tokens, limit.bytes],
    ...[aliveMs, idleTotalsMs],
  );
  return { admitted: fits === 1, nowMs, inFlight: { tokens, bytes } };
}

export interface GatewayBeat {
  gateway: string;
  /** The gateway's own totals. Undefined while an admission has no answer yet, because they cannot include it. */
  totals: { bytes: number; /** Per queue, zeros included. */ tokens: ReadonlyMap<string, number> } | undefined;
  /** The digest of the registry that the gateway has; empty if it has none. */
  knownDigest: string;
}

export async function gatewayHeartbeat(
  redis: RedisClient,
  keys: FleetKeys,
  beat: GatewayBeat,
): Promise<RegistryAnswer> {
  const fixed = [keys.gateways, keys.inFlightBytes, keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen];
  const queues = [...(beat.totals?.tokens.keys() ?? [])].map(keys.inFlightTokens);
  const [digest, workers, bundles] = await scripted<GatewayScripts>(redis, scripts).rerankGatewayHeartbeat(
    fixed.length + queues.length,
    ...fixed,
    ...queues,
    ...[beat.gateway, beat.totals?.bytes ?? '', aliveMs, bundleRetentionMs, idleTotalsMs, beat.knownDigest],
    ...(beat.totals?.tokens.values() ?? []),
  );
  return { digest, registry: workers && bundles && { workers, bundles } };
}

/** Records that the callers of these requests no longer wait. */
export async function noteCancelled(redis: RedisClient, keys: FleetKeys, requestIds: readonly string[]): Promise<void> {
  // Lua's stack holds some thousands of arguments
  for (let first = 0; first < requestIds.length; first += 1_000) {
    const ids = requestIds.slice(first, first + 1_000);
    await scripted<GatewayScripts>(redis, scripts).rerankCancel(
      1,
      keys.cancelled,
      cancelRetentionMs,
      cancelRetentionCount,
      ...ids,
    );
  }
}
