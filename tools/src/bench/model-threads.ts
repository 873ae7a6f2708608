import { join } from 'node:path';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import { startBenchThread } from './bench-thread';
import type { BenchRequest } from './documents';
import type { ModelAnswer, ModelCall } from './programs/model-thread';

/** One document of a request, encoded, with its query. */
export interface EncodedRow {
  query: EncodedQuery;
  document: EncodedDocument;
}

/** Threads of this process that each hold an encoder and a single-threaded session of the same model. */
export interface ModelThreads {
  /** Every row of the requests, in their order. */
  encode(requests: readonly BenchRequest[]): Promise<EncodedRow[]>;
  /** Scores the batches, each thread the next one as soon as it is free. */
  score(batches: readonly EncodedRow[][]): Promise<void>;
  close(): Promise<void>;
}

/** Starts the threads from the built program `model-thread` in `folder`. */
export function startModelThreads(bundle: Bundle, count: number, folder: string): ModelThreads {
  const threads = Array.from({ length: count }, () =>
    startBenchThread<ModelCall, ModelAnswer>(join(folder, 'model-thread.js'), { bundle }),
  );
  /** Gives each thread the next call as soon as it has answered its last; answers in the order of the calls. */
  const callAll = async (calls: readonly ModelCall[]): Promise<ModelAnswer[]> => {
    const answers: ModelAnswer[] = [];
    const waiting = calls.entries();
    const serve = async (thread: (typeof threads)[number]) => {
      for (const [index, call] of waiting) answers[index] = await thread.call(call);
    };
    await Promise.all(threads.map(serve));
    return answers;
  };
  return {
    async encode(requests) {
      const answers = await callAll(requests.map((request) => ({ kind: 'encode', request })));
      return answers.flatMap((answer) =>
        answer.kind === 'encoded' ? answer.documents.map((document) => ({ query: answer.query, document })) : [],
      );
    },
    async score(batches) {
      await callAll(batches.map(scoreCall));
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** Rows of one query name it once: its ids cross to the thread a single time, as in the worker. */
function scoreCall(rows: readonly EncodedRow[]): ModelCall {
  const queries = [...new Map(rows.map(({ query }) => [query.key, query])).values()];
  const positions = new Map(queries.map((query, position) => [query.key, position]));
  return {
    kind: 'score',
    queries,
    rows: rows.map(({ query, document }) => ({ query: positions.get(query.key) as number, document })),
  };
}
