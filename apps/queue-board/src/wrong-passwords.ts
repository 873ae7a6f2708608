import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';

/** Limits for wrong passwords per minute, per address and in total. Above the total, only sessions get through. */
const limits = { oneAddress: 10, allAddresses: 100 };

/** Counts attempts to log in. */
export interface WrongPasswords {
  /** Middleware in this order: an attempt above the limit of its address does not count for the total. Answers 429. */
  count: RequestHandler[];
  /** Uncounts an attempt with the right password. */
  uncount(request: Request): Promise<void>;
}

/**
 * Counts each attempt before its password is checked, so that concurrent attempts cannot bypass the limits. Attempts
 * from different addresses cannot either, because there is a total limit.
 */
export function countWrongPasswords(): WrongPasswords {
  const counts = [
    { store: new MemoryStore(), limit: limits.oneAddress, keyOf: addressOf },
    { store: new MemoryStore(), limit: limits.allAddresses, keyOf: () => 'all' },
  ];
  return {
    count: counts.map(({ store, limit, keyOf }) =>
      rateLimit({
        windowMs: 60_000,
        store,
        limit,
        keyGenerator: keyOf,
        // it would print texts of the request
        validate: false,
        standardHeaders: 'draft-8',
        legacyHeaders: false,
        message: 'Too many wrong passwords. Wait a minute.',
      }),
    ),
    async uncount(request) {
      for (const { store, keyOf } of counts) await store.decrement(keyOf(request));
    },
  };
}

/** The caller's address; for IPv6, the network of one customer. Removes the port that some proxies add. */
function addressOf({ ip = '' }: Request): string {
  return ipKeyGenerator(ip.replace(/^(?:(\d+\.\d+\.\d+\.\d+)|\[(.+)\]):\d+$/, '$1$2'));
}
