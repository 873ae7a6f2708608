import { jobOutcomeSchema, type JobOutcome } from '@rerank-fleet/contract';
import type { Redis } from 'ioredis';

/** One blocking read over a gateway's own stream; ends when the connection is disconnected. */
export interface ReplyReader {
  stop(): Promise<void>;
}

export interface ReplyReaderOptions {
  redis: Redis;
  stream: string;
  onOutcome(outcome: JobOutcome): void;
  /** An entry that is no outcome of this wire version; its text is not passed on. */
  onUnreadable(): void;
  onError(error: Error): void;
}

type Reply = [stream: string, entries: [id: string, fields: string[]][]][] | null;

/**
 * Reads from the last id it has seen, so an answer appended while the connection was away is read when it is back.
 * The stream is new with each gateway process, hence the start at its beginning.
 */
export function startReplyReader({ redis, stream, onOutcome, onUnreadable, onError }: ReplyReaderOptions): ReplyReader {
  let stopped = false;
  let lastId = '0-0';

  const readOnce = async () => {
    const reply = (await redis.xread('COUNT', 200, 'BLOCK', 5_000, 'STREAMS', stream, lastId)) as Reply;
    for (const [id, fields] of reply?.[0]?.[1] ?? []) {
      lastId = id;
      const outcome = readOutcome(fields[1]);
      if (outcome) onOutcome(outcome);
      else onUnreadable();
    }
  };
  const loop = (async () => {
    while (!stopped) {
      // a refused read (a Redis that is loading or full) must neither end the loop nor spin it
      await readOnce().catch((error: Error) => {
        if (stopped) return undefined;
        onError(error);
        return new Promise((resolve) => setTimeout(resolve, 100));
      });
    }
  })();

  return {
    async stop() {
      stopped = true;
      redis.disconnect();
      await loop;
    },
  };
}

function readOutcome(text: string | undefined): JobOutcome | undefined {
  try {
    const parsed = jobOutcomeSchema.safeParse(JSON.parse(text ?? ''));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
