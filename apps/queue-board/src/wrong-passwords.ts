import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';

/** Wrong passwords of a minute: past the first the address waits, past the second everybody does who has no session. */
const limits = { oneAddress: 10, allAddresses: 100 };

/** Counts tries of passwords. */
export interface WrongPasswords {
  /** In this order: a try that its address may not make counts for nobody else. Answers 429 past a limit. */
  count: RequestHandler[];
  /** For a try that was right: it is none that counts. */
  takeBack(request: Request): Promise<void>;
}

/**
 * Counts each try before its password is looked at, so that many at once are no way around the limits. Neither is
 * another address each time, since there is a limit over all of them.
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
        // it would print what it finds odd about a request, which is the caller's text
        validate: false,
        standardHeaders: 'draft-8',
        legacyHeaders: false,
        message: 'Too many wrong passwords. Wait a minute.',
      }),
    ),
    async takeBack(request) {
      for (const { store, keyOf } of counts) await store.decrement(keyOf(request));
    },
  };
}

/** Of IPv6 the network that one customer gets. Some proxies add the caller's port, which differs with each connection. */
function addressOf({ ip = '' }: Request): string {
  return ipKeyGenerator(ip.replace(/^(?:(\d+\.\d+\.\d+\.\d+)|\[(.+)\]):\d+$/, '$1$2'));
}
