import type { Failure } from '@rerank-fleet/contract';
import { failureOf } from './failure';

/** The number of bytes that all bodies of this process hold, and its limit. */
export interface HeldBytes {
  readonly limitBytes: number;
  /** Bytes held now. Never more than the limit. */
  now(): number;
  /** Starts to count one body, at zero. */
  open(): BodyHold;
}

/** The bytes that one body holds. */
export interface BodyHold {
  /**
   * Call when the body starts to arrive. Until {@link arrived}, the body may be evicted to make room: `evict` is then
   * called, and the body holds nothing.
   */
  arrives(evict: (failure: Failure) => void): void;
  arrived(): void;
  /**
   * Adds bytes. If they exceed the limit, the largest of this body and those that are still arriving is evicted, until
   * they fit. Returns the failure if this body is evicted; it then holds nothing.
   */
  grow(bytes: number): Failure | undefined;
  /** Releases all bytes for good. Further calls have no effect. */
  release(): void;
}

/**
 * Counts the bytes of all bodies against one limit per process, because a limit per body does not limit their number.
 * Large bodies are evicted first, so a few that arrive slowly cannot block all others.
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
  // cleared when the body has arrived, because it references the received bytes
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
      const notify = onEvicted;
      account.release();
      notify?.(gatewayFull());
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

/** The largest arriving body that holds more than this many bytes. */
function largestArriving({ arriving }: Ledger, moreThanBytes: number): Account | undefined {
  let largest: Account | undefined;
  for (const account of arriving) {
    if (account.bytes() > (largest?.bytes() ?? moreThanBytes)) largest = account;
  }
  return largest;
}

/** By then most slow uploads have ended and most large requests are answered. */
const retryAfterS = 5;

function gatewayFull(): Failure {
  const message =
    'The request bodies at this gateway have reached their memory limit. Retry later, with a smaller request if possible.';
  return { ...failureOf('gateway_full', message), retryAfterS };
}

/** Without Retry-After, because a retry would fail again. */
function tooLargeAlone({ limitBytes: limit }: Ledger): Failure {
  const message = `The body takes more memory than the ${limit} bytes that this gateway has for all bodies.`;
  return failureOf('body_too_large', message, { field: 'body', limit });
}
