import type { Failure } from '@rerank-fleet/contract';
import { failureOf } from './failure';

/** The bytes that the bodies of all requests of this process hold together, and their bound. */
export interface HeldBytes {
  readonly limitBytes: number;
  /** What is held at the moment; never more than the limit. */
  now(): number;
  /** Begins the account of one body, at nothing. */
  open(): BodyHold;
}

/** What one body holds. */
export interface BodyHold {
  /**
   * The body begins to arrive. From here until {@link arrived} it may be evicted to make room: `evict` is then called,
   * and the body holds nothing any more.
   */
  arrives(evict: (failure: Failure) => void): void;
  arrived(): void;
  /**
   * Holds so many bytes more. Where they do not fit, the largest of this body and of those that still arrive is given
   * up, and so on until they do. Returns why, when it is this one; it then holds nothing any more.
   */
  grow(bytes: number): Failure | undefined;
  /** Gives everything back, for good. Calling it again is harmless. */
  release(): void;
}

/**
 * Counts what bodies hold against one bound for the process, because a bound for each leaves their number open. Large
 * bodies give way to small ones: a few that arrive slowly cannot keep everybody else out.
 */
export function createHeldBytes(limitBytes: number): HeldBytes {
  const ledger: Ledger = { limitBytes, heldBytes: 0, arriving: new Set() };
  return { limitBytes, now: () => ledger.heldBytes, open: () => openAccount(ledger) };
}

interface Ledger {
  readonly limitBytes: number;
  heldBytes: number;
  arriving: Set<Account>;
}

interface Account extends BodyHold {
  bytes(): number;
  evict(): void;
}

function openAccount(ledger: Ledger): BodyHold {
  let bytes = 0;
  let isReleased = false;
  // forgotten when it is of no use any more: behind it lies all that has arrived
  let onEvicted: ((failure: Failure) => void) | undefined;
  const account: Account = {
    bytes: () => bytes,
    arrives(evict) {
      if (isReleased) return;
      onEvicted = evict;
      ledger.arriving.add(account);
    },
    arrived() {
      ledger.arriving.delete(account);
      onEvicted = undefined;
    },
    evict() {
      const tell = onEvicted;
      account.release();
      tell?.(gatewayFull());
    },
    grow(more) {
      if (isReleased) return undefined;
      bytes += more;
      ledger.heldBytes += more;
      while (ledger.heldBytes > ledger.limitBytes) {
        const largest = largestArriving(ledger, bytes);
        if (largest === undefined) return refuse();
        largest.evict();
      }
      return undefined;
    },
    release() {
      isReleased = true;
      ledger.heldBytes -= bytes;
      bytes = 0;
      account.arrived();
    },
  };
  const refuse = (): Failure => {
    const failure = bytes > ledger.limitBytes ? tooLargeAlone(ledger) : gatewayFull();
    account.release();
    return failure;
  };
  return account;
}

/** The largest body that arrives and holds more than so many bytes. */
function largestArriving({ arriving }: Ledger, moreThanBytes: number): Account | undefined {
  let largest: Account | undefined;
  for (const account of arriving) {
    if (account.bytes() > (largest?.bytes() ?? moreThanBytes)) largest = account;
  }
  return largest;
}

/** After this time slow uploads have mostly ended, and large requests have been answered. */
const retryAfterS = 5;

function gatewayFull(): Failure {
  const message =
    'This gateway holds as many bytes of requests as it may. Ask again, with a smaller request if you can.';
  return { ...failureOf('gateway_full', message), retryAfterS };
}

/** No retry would help. */
function tooLargeAlone({ limitBytes: limit }: Ledger): Failure {
  const message = `The body takes more memory than the ${limit} bytes that this gateway has for all bodies.`;
  return failureOf('body_too_large', message, { field: 'body', limit });
}
