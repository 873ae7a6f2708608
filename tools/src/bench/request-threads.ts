import { join } from 'node:path';
import { callAll, startBenchThread } from './bench-thread';
import { cpuClock } from './cpu-time';
import type { BenchRequest } from './documents';
import type { Speed } from './fleet-rounds';
import type { RequestThreadOptions, ScoredRequest } from './programs/request-thread';

/** The result of scoring some requests. */
export interface RequestTurn extends Speed {
  /** In the order of the requests. */
  answers: ScoredRequest[];
}

/** Threads of this process that score whole requests with the same model. */
export interface RequestThreads {
  /** Scores the requests. Each thread takes the next one when it is free. */
  score(requests: readonly BenchRequest[]): Promise<RequestTurn>;
  close(): Promise<void>;
}

export interface StartOptions extends RequestThreadOptions {
  /** Number of sessions, each in a thread of its own. */
  sessions: number;
  /** Folder with the built program `request-thread`. */
  folder: string;
}

/** Starts the threads. */
export function startRequestThreads({ sessions, folder, ...options }: StartOptions): RequestThreads {
  const threads = Array.from({ length: sessions }, () =>
    startBenchThread<BenchRequest, ScoredRequest>(join(folder, 'request-thread.js'), options),
  );
  return {
    async score(requests) {
      const cpuMs = cpuClock([process.pid]);
      const beganMs = performance.now();
      const answers = await callAll(threads, requests);
      const documents = answers.reduce((sum, { logits }) => sum + logits.length, 0);
      const docsPerS = (documents * 1000) / (performance.now() - beganMs);
      return { docsPerS, cpuMsPerDoc: cpuMs() / documents, answers };
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
