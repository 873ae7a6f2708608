import type { Redis } from 'ioredis';
import type { FleetKeys } from './keys';
import type { QueueReading } from './queue-observer';
import { clock } from './scripts';
import { aliveMs, bundleMemoryMs } from './timing';

/** Live announcements, and the keys of the bundles of the last 24 hours; deletes nothing. */
const fleetLua = `${clock}
local alive = redis.call('ZRANGEBYSCORE', KEYS[2], now - tonumber(ARGV[1]), '+inf')
local known = redis.call('ZRANGEBYSCORE', KEYS[3], now - tonumber(ARGV[2]), '+inf')
local workers = #alive > 0 and redis.call('HMGET', KEYS[1], unpack(alive)) or {}
return { workers, known }
`;

/** Adds up the fields of a hash whose gateways are alive. */
const liveSum = `
local function liveSum(key, gateways, alive)
  local sum, fields = 0, redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local seen = tonumber(redis.call('HGET', gateways, fields[i]) or '0')
    if now - seen < alive then sum = sum + tonumber(fields[i + 1]) end
  end
  return sum
end
`;

/** Live gateways, and what they have in flight: bytes over all queues, then the tokens of each queue. */
const loadLua = `${clock}${liveSum}
local alive, count = tonumber(ARGV[1]), 0
for _, seen in ipairs(redis.call('HVALS', KEYS[1])) do
  if now - tonumber(seen) < alive then count = count + 1 end
end
local load = { count }
for i = 2, #KEYS do load[i] = liveSum(KEYS[i], KEYS[1], alive) end
return load
`;

/**
 * Counts a queue. BullMQ scores a prioritised job with priority x 2^32 plus a counter, so the oldest of each priority
 * stands first of it: the script hops from one priority to the next, and reads as many jobs as there are priorities in
 * use. In the wait list lie only jobs of dead workers, in the order in which they were found; it is short, and read up to
 * a bound all the same.
 */
const queueLua = `${clock}${liveSum}
local jobs, level = KEYS[1], 4294967296
local oldest = now
local function look(id)
  local at = tonumber(redis.call('HGET', jobs .. ':' .. id, 'timestamp') or '')
  if at and at < oldest then oldest = at end
end
local from = '-inf'
while true do
  local first = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if #first == 0 then break end
  look(first[1])
  from = string.format('%.0f', (math.floor(tonumber(first[2]) / level) + 1) * level)
end
for _, id in ipairs(redis.call('LRANGE', KEYS[3], -1000, -1)) do look(id) end
return {
  redis.call('ZCARD', KEYS[2]), redis.call('LLEN', KEYS[3]), redis.call('LLEN', KEYS[4]),
  redis.call('ZCARD', KEYS[5]), redis.call('ZCARD', KEYS[6]),
  now - oldest, redis.call('HEXISTS', KEYS[7], 'paused'), liveSum(KEYS[8], KEYS[9], tonumber(ARGV[1]))
}
`;

type Arg = string | number;
type Counts = [number, number, number, number, number, number, number, number];

/** The scripts as methods of one connection. */
interface ObservingRedis {
  rerankObserveFleet(keyCount: number, ...args: Arg[]): Promise<[(string | null)[], string[]]>;
  rerankObserveQueue(keyCount: number, ...args: Arg[]): Promise<Counts>;
  rerankObserveLoad(keyCount: number, ...args: Arg[]): Promise<number[]>;
}

function observing(redis: Redis): ObservingRedis {
  if (!('rerankObserveFleet' in redis)) {
    redis.defineCommand('rerankObserveFleet', { lua: fleetLua });
    redis.defineCommand('rerankObserveQueue', { lua: queueLua });
    redis.defineCommand('rerankObserveLoad', { lua: loadLua });
  }
  return redis as unknown as ObservingRedis;
}

/** The registry's announcements of live workers, unread, and the queues that it remembers. */
export async function observeFleet(redis: Redis, keys: FleetKeys) {
  const [workers, queues] = await observing(redis).rerankObserveFleet(
    3,
    ...[keys.workers, keys.workersSeen, keys.bundlesSeen],
    ...[aliveMs, bundleMemoryMs],
  );
  return { workers, queues };
}

/** What one queue holds, without reading any job's data. */
export async function observeQueue(
  redis: Redis,
  keys: FleetKeys,
  queue: string,
): Promise<Omit<QueueReading, 'queue' | 'workers' | 'tokensPerSecond'>> {
  const bull = `${keys.bullPrefix}:${queue}`;
  const states = ['prioritized', 'wait', 'active', 'delayed', 'failed', 'meta'].map((state) => `${bull}:${state}`);
  const [prioritized, waiting, active, delayed, failed, oldestWaitingMs, paused, inFlightTokens] = await observing(
    redis,
  ).rerankObserveQueue(9, bull, ...states, keys.inFlightTokens(queue), keys.gateways, aliveMs);
  return {
    jobs: { prioritized, waiting, active, delayed, failed },
    oldestWaitingMs,
    isPaused: paused === 1,
    inFlightTokens,
  };
}

/** What the live gateways together have admitted and not seen answered. */
export interface FleetLoad {
  gateways: number;
  /** Job data over all queues. */
  bytes: number;
  /** Estimated tokens by queue. */
  tokens: ReadonlyMap<string, number>;
}

export async function observeLoad(redis: Redis, keys: FleetKeys, queues: readonly string[]): Promise<FleetLoad> {
  const hashes = [keys.gateways, keys.inFlightBytes, ...queues.map(keys.inFlightTokens)];
  const [gateways = 0, bytes = 0, ...tokens] = await observing(redis).rerankObserveLoad(
    hashes.length,
    ...hashes,
    aliveMs,
  );
  return { gateways, bytes, tokens: new Map(queues.map((queue, index) => [queue, tokens[index] ?? 0])) };
}
