import type { RedisClient } from '../redis/connections';
import type { FleetKeys } from '../redis/keys';
import { clock, readFields, scripted, type ScriptArgument } from '../redis/lua';
import { aliveMs, bundleRetentionMs } from '../redis/timing';

/** Announcements of live workers, and the keys of the bundles of the last 24 hours. Deletes nothing. */
const fleetLua = `${clock}${readFields}
local alive = redis.call('ZRANGEBYSCORE', KEYS[2], now - ARGV[1], now + ARGV[1])
local known = redis.call('ZRANGEBYSCORE', KEYS[3], now - ARGV[2], '+inf')
return { readFields(KEYS[1], alive), known }
`;

/** Sums the fields of a hash that belong to live gateways. */
const liveSum = `
local function liveSum(key, gateways, alive)
  local sum, fields = 0, redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local seen = redis.call('HGET', gateways, fields[i]) or '0'
    if isFresh(seen, alive) then sum = sum + tonumber(fields[i + 1]) end
  end
  return sum
end
`;

/** The number of live gateways and what they have in flight: bytes over all queues, then the tokens of each queue. */
const loadLua = `${clock}${liveSum}
local alive, count = ARGV[1], 0
for _, seen in ipairs(redis.call('HVALS', KEYS[1])) do
  if isFresh(seen, alive) then count = count + 1 end
end
local load = { count }
for i = 2, #KEYS do load[i] = liveSum(KEYS[i], KEYS[1], alive) end
return load
`;

/** The most jobs whose age is read. */
const candidatesMax = 1_000;

/**
 * Counts the jobs of a queue and returns the ids of candidates for the oldest job. BullMQ scores a prioritised job with
 * priority x 2^32 plus a counter, so the oldest job of each priority comes first within it. The script therefore reads
 * the first job of each priority in use. The wait list holds only jobs of dead workers, in the order in which they were
 * found; it is short, and at most a fixed number of them is read. The jobs' own keys are read outside of the script,
 * because a script may only access the keys that it is given.
 */
const queueLua = `${clock}${liveSum}
local level, ids = 4294967296, redis.call('LRANGE', KEYS[2], -tonumber(ARGV[2]), -1)
local from = '-inf'
while #ids < 2 * tonumber(ARGV[2]) do
  local first = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if #first == 0 then break end
  ids[#ids + 1] = first[1]
  from = string.format('%.0f', (math.floor(tonumber(first[2]) / level) + 1) * level)
end
return {
  redis.call('ZCARD', KEYS[1]), redis.call('LLEN', KEYS[2]), redis.call('LLEN', KEYS[3]),
  redis.call('ZCARD', KEYS[4]), redis.call('ZCARD', KEYS[5]),
  now, redis.call('HEXISTS', KEYS[6], 'paused'), liveSum(KEYS[7], KEYS[8], ARGV[1]), ids
}
`;

type Counts = [number, number, number, number, number, number, number, number, string[]];

interface ObserverScripts {
  rerankObserveFleet(keyCount: number, ...args: ScriptArgument[]): Promise<[(string | null)[], string[]]>;
  rerankObserveQueue(keyCount: number, ...args: ScriptArgument[]): Promise<Counts>;
  rerankObserveLoad(keyCount: number, ...args: ScriptArgument[]): Promise<number[]>;
}

function observing(redis: RedisClient): ObserverScripts {
  return scripted<ObserverScripts>(redis, {
    rerankObserveFleet: fleetLua,
    rerankObserveQueue: queueLua,
    rerankObserveLoad: loadLua,
  });
}

/** What one queue holds, read at one moment. */
export interface QueueCounts {
  jobs: { prioritized: number; waiting: number; active: number; delayed: number; failed: number };
  /** Age of the job that has waited longest, whatever its priority; 0 when none waits. */
  oldestWaitingMs: number;
  isPaused: boolean;
  /** Estimated tokens that live gateways have admitted and that are not answered yet. */
  inFlightTokens: number;
}

/** The announcements of live workers as unparsed text, and the queues of the last 24 hours. */
export async function observeFleet(redis: RedisClient, keys: FleetKeys) {
  const [workers, queues] = await observing(redis).rerankObserveFleet(
    3,
    ...[keys.workers, keys.workersSeen, keys.bundlesSeen],
    ...[aliveMs, bundleRetentionMs],
  );
  return { workers, queues };
}

/** What one queue holds, without reading any job's data. */
export async function observeQueue(redis: RedisClient, keys: FleetKeys, queue: string): Promise<QueueCounts> {
  const bull = `${keys.bullPrefix}:${queue}`;
  const states = ['prioritized', 'wait', 'active', 'delayed', 'failed', 'meta'].map((state) => `${bull}:${state}`);
  const [prioritized, waiting, active, delayed, failed, nowMs, paused, inFlightTokens, ids] = await observing(
    redis,
  ).rerankObserveQueue(8, ...states, keys.inFlightTokens(queue), keys.gateways, aliveMs, candidatesMax);
  return {
    jobs: { prioritized, waiting, active, delayed, failed },
    oldestWaitingMs: await oldestAgeMs(
      redis,
      ids.map((id) => `${bull}:${id}`),
      nowMs,
    ),
    isPaused: paused === 1,
    inFlightTokens,
  };
}

/** Age of the oldest of these jobs. A job that was removed in the meantime is skipped. */
async function oldestAgeMs(redis: RedisClient, jobKeys: readonly string[], nowMs: number): Promise<number> {
  if (jobKeys.length === 0) return 0;
  const pipeline = redis.pipeline();
  for (const key of jobKeys) pipeline.hget(key, 'timestamp');
  const replies = (await pipeline.exec()) ?? [];
  const queuedAtMs = replies.flatMap(([error, text]) => (error === null && text !== null ? [Number(text)] : []));
  return queuedAtMs.reduce((oldest, at) => Math.max(oldest, nowMs - at), 0);
}

/** What all live gateways together have admitted and that is not answered yet. */
export interface FleetLoad {
  gateways: number;
  /** Bytes of job data over all queues. */
  bytes: number;
  /** Estimated tokens per queue. */
  tokens: ReadonlyMap<string, number>;
}

export async function observeLoad(redis: RedisClient, keys: FleetKeys, queues: readonly string[]): Promise<FleetLoad> {
  const hashes = [keys.gateways, keys.inFlightBytes, ...queues.map(keys.inFlightTokens)];
  const [gateways = 0, bytes = 0, ...tokens] = await observing(redis).rerankObserveLoad(
    hashes.length,
    ...hashes,
    aliveMs,
  );
  return { gateways, bytes, tokens: new Map(queues.map((queue, index) => [queue, tokens[index] ?? 0])) };
}
