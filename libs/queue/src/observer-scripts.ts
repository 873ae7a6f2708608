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

/**
 * Counts a queue. BullMQ scores a prioritised job with priority x 2^32 plus a counter, so the oldest of each priority
 * stands first of it: the script hops from one priority to the next, and reads as many jobs as there are priorities in
 * use. In the wait list lie only jobs of dead workers, in the order in which they were found; it is short, and read up to
 * a bound all the same.
 */
const queueLua = `${clock}
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
local tokens, fields = 0, redis.call('HGETALL', KEYS[8])
for i = 1, #fields, 2 do
  local seen = tonumber(redis.call('HGET', KEYS[9], fields[i]) or '0')
  if now - seen < tonumber(ARGV[1]) then tokens = tokens + tonumber(fields[i + 1]) end
end
return {
  redis.call('ZCARD', KEYS[2]), redis.call('LLEN', KEYS[3]), redis.call('LLEN', KEYS[4]),
  redis.call('ZCARD', KEYS[5]), redis.call('ZCARD', KEYS[6]),
  now - oldest, redis.call('HEXISTS', KEYS[7], 'paused'), tokens
}
`;

type Arg = string | number;
type Counts = [number, number, number, number, number, number, number, number];

/** Both scripts as methods of one connection. */
interface ObservingRedis {
  rerankObserveFleet(keyCount: number, ...args: Arg[]): Promise<[(string | null)[], string[]]>;
  rerankObserveQueue(keyCount: number, ...args: Arg[]): Promise<Counts>;
}

function observing(redis: Redis): ObservingRedis {
  if (!('rerankObserveFleet' in redis)) {
    redis.defineCommand('rerankObserveFleet', { lua: fleetLua });
    redis.defineCommand('rerankObserveQueue', { lua: queueLua });
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
