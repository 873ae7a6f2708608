import { readOutcome, type JobOutcome } from '@rerank-fleet/contract';
import type { RedisClient } from '../redis/connections';

/** Reads a gateway's own stream with one blocking read after another, until it is stopped. */
export interface ReplyReader {
  /**
   * When the newest read that ended without an error began, on the clock of `performance.now()`. All entries appended
   * before that time have been read.
   */
  seenUntilMs(): number;
  stop(): Promise<void>;
}

export interface ReplyReaderOptions {
  redis: RedisClient;
  stream: string;
  onOutcome(outcome: JobOutcome): void;
  /** Called for an entry that does not name its request. The text of the entry is not passed on. */
  onUnreadable(): void;
  onError(error: Error): void;
}

type Reply = [stream: string, entries: [id: string, fields: string[]][]][] | null;

const blockMs = 1_000;
const pauseAfterErrorMs = 100;
const start = '0-0';

/**
 * Reads what the workers append, deletes what it has read, and continues from the last id. Answers that were appended
 * while the connection was down are read after the reconnect.
 *
 * After a pause or an error it reads from the beginning. Ids are times on the clock of the server that assigned them,
 * and another server (a promoted replica, a server that restarted empty) may have a clock that is behind. Reading an
 * answer twice changes nothing, because the first outcome settles a part.
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
    // deleted by id, never by a range: on another server, lower ids may be answers that have not been read. Not
    // awaited: the command is sent before the next read
    redis.xdel(stream, ...entries.map(([id]) => id)).catch(report);
    for (const [, fields] of entries) passOn(options, fields[1]);
  };
  const loop = (async () => {
    while (!stopped) {
      // a refused read (Redis is loading or full) must neither end the loop nor repeat without a delay
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
