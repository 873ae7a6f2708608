import type { RedisClient } from './connections';

/**
 * The beginning of a script: `now` is Redis' clock in ms. A heartbeat is fresh when it is neither too old nor in the
 * future. After a failover to a server whose clock is behind, live processes beat on the new clock within a second.
 */
export const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function isFresh(seen, limit) return math.abs(now - tonumber(seen)) < tonumber(limit) end
`;

/** Reads many fields of a hash in several calls: one call with some thousands of fields would overflow Lua's stack. */
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

/** An argument of a script, after its keys. */
export type ScriptArgument = string | number;

/** The scripts as methods of a connection. ioredis sends their hashes, and loads a script that Redis does not have. */
export function scripted<T>(redis: RedisClient, scripts: Record<keyof T & string, string>): T {
  for (const [name, lua] of Object.entries<string>(scripts)) if (!(name in redis)) redis.defineCommand(name, { lua });
  return redis as unknown as T;
}
