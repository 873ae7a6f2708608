import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { Provider } from '@rerank-fleet/scoring';
import type { EncodeResult, EncodeSlice } from '../rows/encoding';
import type { BatchRows, BatchScores, SessionRunner } from '../rows/batch-rows';
import type { PreparedLimits } from './score-batch';
import type { SessionThreadData } from './session-thread';
import { callThread } from './thread-rpc';

/** Threads of one worker process; the main thread only moves messages. */
export interface Threads {
  /** Slices are encoded one after the other, in the order of the calls. */
  encode(slice: EncodeSlice): Promise<EncodeResult>;
  sessions: SessionRunner[];
  /** Resolves when no call is under way any more and the threads have ended. */
  close(): Promise<void>;
}

export interface ThreadsOptions {
  bundle: Bundle;
  /** What the sessions compute on. */
  provider: Provider;
  sessions: number;
  /** What each session keeps of the queries that it prepared. */
  prepared: PreparedLimits;
  /** Where the built thread files lie: beside the main file. */
  directory: string;
  /** A thread that ended by itself, or lost its device: the process is to end as well. */
  onDeath(reason: string): void;
}

export function startThreads({ bundle, provider, sessions, prepared, directory, onDeath }: ThreadsOptions): Threads {
  const spawn = (file: string, workerData: object) => new Worker(join(directory, file), { workerData });
  const encoder = callThread<EncodeSlice, EncodeResult>(spawn('encoder-thread.js', { bundle }), (reason) =>
    onDeath(`encoder: ${reason}`),
  );
  const runners = Array.from({ length: sessions }, () =>
    callThread<BatchRows, BatchScores>(
      spawn('session-thread.js', { bundle, provider, prepared } satisfies SessionThreadData),
      (reason) => onDeath(`session: ${reason}`),
    ),
  );
  return {
    encode: (slice) => encoder.call(slice),
    sessions: runners.map((runner) => ({ run: (batch) => runner.call(batch) })),
    async close() {
      await Promise.all([encoder.close(), ...runners.map((runner) => runner.close())]);
    },
  };
}
