import { setTimeout as delay } from 'node:timers/promises';
import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';
import { finiteLogits } from '../heads/graph';
import { checkRows, type Row, type Session, type SessionTraits } from '../session/session';

/** One call of a fake session, in the order of the calls. */
export type FakeCall =
  { kind: 'prepare'; query: EncodedQuery } | { kind: 'score'; rows: readonly Row<FakePreparedQuery>[] };

export interface FakePreparedQuery {
  key: string;
  ids: Int32Array;
}

export interface FakeSessionOptions {
  traits?: Partial<SessionTraits>;
  /** Duration of every call. Default 0: no timer at all. */
  costMs?: number;
  /** Waits for a duration; a test can pass its fake clock. Default: a real timer. */
  wait?: (ms: number) => Promise<unknown>;
  /** The logit of a pair. Default {@link fakeLogit}. */
  logitOf?: (query: FakePreparedQuery, document: EncodedDocument) => number;
  /** Called before each call. If it returns an error, the call rejects with it. */
  failWith?: (call: FakeCall) => Error | undefined;
}

export interface FakeSession extends Session<FakePreparedQuery> {
  /** Every call so far, including failed ones. */
  readonly calls: readonly FakeCall[];
  readonly closed: boolean;
}

/**
 * A session without a model. A pair's logit depends only on its ids, so every caller can check that it got its own
 * answer, whatever the batch.
 */
export function createFakeSession(options: FakeSessionOptions = {}): FakeSession {
  const { costMs = 0, wait = delay, logitOf = (query, document) => fakeLogit(query.ids, document.ids) } = options;
  const traits: SessionTraits = { mixesQueries: true, maxRows: 64, ...options.traits };
  const calls: FakeCall[] = [];
  let closed = false;
  const begin = async (call: FakeCall): Promise<void> => {
    calls.push(call);
    if (closed) throw new Error('the session is closed');
    if (costMs > 0) await wait(costMs);
    const error = options.failWith?.(call);
    if (error !== undefined) throw error;
  };
  return {
    traits,
    calls,
    get closed() {
      return closed;
    },
    async prepare(query) {
      await begin({ kind: 'prepare', query });
      return { key: query.key, ids: query.ids };
    },
    preparedBytes: ({ ids }) => ids.byteLength,
    async score(rows) {
      checkRows(rows, traits);
      await begin({ kind: 'score', rows });
      return finiteLogits(rows.map((row) => logitOf(row.query, row.document)));
    },
    async close() {
      closed = true;
    },
  };
}

/** A logit in [-6, 6) that depends on every id of the pair and its position. */
export function fakeLogit(queryIds: Int32Array, documentIds: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const id of [...queryIds, -1, ...documentIds]) {
    hash = Math.imul(hash ^ (id & 0xffff), 0x01000193);
    hash = Math.imul(hash ^ (id >>> 16), 0x01000193);
  }
  return ((hash >>> 0) / 2 ** 32) * 12 - 6;
}
