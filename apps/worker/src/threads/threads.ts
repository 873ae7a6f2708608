import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Bundle, Processor } from '@rerank-fleet/model-runtime';
import type { Provider } from '@rerank-fleet/scoring';
import type { EncodeResult, EncodeSlice } from '../rows/encoding';
import type { BatchScores, PreparedQuery, SessionRunner } from '../rows/batch-rows';
import type { PreparedLimits } from './score-batch';
import type { SessionCall, SessionThreadData } from './session-thread';
import { spreadCalls } from './spread-calls';
import { callThread } from './thread-rpc';

/** The threads of one worker process. The main thread only passes messages. */
export interface Threads {
  /** Encodes slices, each on the encoder with the fewest. One encoder takes them in the order of the calls. */
  encode(slice: EncodeSlice): Promise<EncodeResult>;
  sessions: SessionRunner[];
  /** Resolves when all calls and the threads have ended. */
  close(): Promise<void>;
}

export interface ThreadsOptions {
  bundle: Bundle;
  /** The device of the sessions. */
  provider: Provider;
  processor: Processor;
  /** Number of threads with a tokenizer. */
  encoders: number;
  sessions: number;
  /** Limits of the prepared queries per session. */
  prepared: PreparedLimits;
  /** Folder of the built thread files, beside the main file. */
  directory: string;
  /** Called when a thread ended by itself or lost its device: the process must end too. */
  onDeath(reason: string): void;
}

export function startThreads({ bundle, encoders, sessions, directory, onDeath, ...options }: ThreadsOptions): Threads {
  const { provider, processor, prepared } = options;
  const spawn = (file: string, workerData: object) => new Worker(join(directory, file), { workerData });
  const tokenizers = Array.from({ length: encoders }, () =>
    callThread<EncodeSlice, EncodeResult>(spawn('encoder-thread.js', { bundle }), (reason) =>
      onDeath(`encoder: ${reason}`),
    ),
  );
  const runners = Array.from({ length: sessions }, () =>
    callThread<SessionCall, BatchScores | PreparedQuery>(
      spawn('session-thread.js', { bundle, provider, processor, prepared } satisfies SessionThreadData),
      (reason) => onDeath(`session: ${reason}`),
    ),
  );
  return {
    encode: spreadCalls(tokenizers),
    // a thread answers each kind of call with its own kind of result
    sessions: runners.map((runner) => ({
      run: (batch) => runner.call(batch) as Promise<BatchScores>,
      prepare: (query) => runner.call(query) as Promise<PreparedQuery>,
    })),
    async close() {
      await Promise.all([...tokenizers, ...runners].map((thread) => thread.close()));
    },
  };
}
