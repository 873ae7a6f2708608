import { readOutcome, type JobOutcome } from '@rerank-fleet/contract';
import type { RedisClient } from '../redis/connections';

/** One blocking read after the other over a gateway's own stream; ends when it is stopped. */
export interface ReplyReader {
  /**
   * When the newest read that ended without an error began, on the clock of `performance.now()`: what was appended before
   * has been seen.
   */
  seenUntilMs(): number;
  stop(): Promise<void>;
}

export interface ReplyReaderOptions {
  redis: RedisClient;
  stream: string;
  onOutcome(outcome: JobOutcome): void;
  /** An entry that does not even say which request it answers; its text is not passed on. */
  onUnreadable(): void;
  onError(error: Error): void;
}

type Reply = [stream: string, entries: [id: string, fields: string[]][]][] | null;

const blockMs = 1_000;
const pauseAfterErrorMs = 100;
const start = '0-0';

/**
 * Reads what the workers append, removes what it has read, and goes on from the last id. An answer that was appended while
 * the connection was away is read when it is back.
 *
 * After a pause and after an error it reads from the beginning: ids are times on the clock of the server that gave them,
 * and another server (a promoted replica, one that came back empty) may have a clock that is behind. What it then reads a
 * second time changes nothing, since a part is settled by its first outcome.
 */
export function startReplyReader(options: ReplyReaderOptions): ReplyReader {
  const { redis, stream, onError } = options;
  let stopped = false;
  let lastId = start;
  let seenUntilMs = -Infinity;

  const report = (error: Error) => {
    if (!stopped) onError(error);
  };

  const readOnce = async () => {
    const beganMs = performance.now();
    const reply = (await redis.xread('COUNT', 200, 'BLOCK', blockMs, 'STREAMS', stream, lastId)) as Reply;
    seenUntilMs = beganMs;
    const entries = reply?.[0]?.[1] ?? [];
    lastId = entries.at(-1)?.[0] ?? start;
    if (entries.length === 0) return;
    // by their ids, never by a range: on another server lower ids may be answers that nobody has read. Not awaited: it
    // goes out ahead of the next read
    redis.xdel(stream, ...entries.map(([id]) => id)).catch(report);
    for (const [, fields] of entries) passOn(options, fields[1]);
  };
  const loop = (async () => {
    while (!stopped) {
      // a refused read (a Redis that is loading or full) must neither end the loop nor spin it
      await readOnce().catch((error: Error) => {
        if (stopped) return undefined;
        lastId = start;
        onError(error);
        return new Promise((resolve) => setTimeout(resolve, pauseAfterErrorMs));
      });
    }
  })();

  return {
    seenUntilMs: () => seenUntilMs,
    async stop() {
      stopped = true;
      redis.disconnect();
      await loop;
    },
  };
}

function passOn({ onOutcome, onUnreadable }: ReplyReaderOptions, text: string | undefined): void {
  const outcome = readOutcome(text ?? '');
  if (outcome) onOutcome(outcome);
  else onUnreadable();
}
