import { join } from 'node:path';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import { callAll, startBenchThread } from './bench-thread';
import type { BenchRequest } from './documents';
import type { ModelAnswer, ModelCall } from './programs/model-thread';

/** An encoded document of a request with its query. */
export interface EncodedRow {
  query: EncodedQuery;
  document: EncodedDocument;
}

/** Threads of this process, each with an encoder and a single-threaded session of the same model. */
export interface ModelThreads {
  /** Encodes all rows of the requests, in order. */
  encode(requests: readonly BenchRequest[]): Promise<EncodedRow[]>;
  /** Scores the batches. Each thread takes the next batch when it is free. */
  score(batches: readonly EncodedRow[][]): Promise<void>;
  close(): Promise<void>;
}

/** Starts the threads from the built program `model-thread` in `folder`. */
export function startModelThreads(bundle: Bundle, count: number, folder: string): ModelThreads {
  const threads = Array.from({ length: count }, () =>
    startBenchThread<ModelCall, ModelAnswer>(join(folder, 'model-thread.js'), { bundle }),
  );
  return {
    async encode(requests) {
      const answers = await callAll(
        threads,
        requests.map((request): ModelCall => ({ kind: 'encode', request })),
      );
      return answers.flatMap((answer) =>
        answer.kind === 'encoded' ? answer.documents.map((document) => ({ query: answer.query, document })) : [],
      );
    },
    async score(batches) {
      await callAll(threads, batches.map(scoreCall));
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** Rows of one query share it, so that its ids are sent to the thread only once, as in the worker. */
function scoreCall(rows: readonly EncodedRow[]): ModelCall {
  const queries = [...new Map(rows.map(({ query }) => [query.key, query])).values()];
  const positions = new Map(queries.map((query, position) => [query.key, position]));
  return {
    kind: 'score',
    queries,
    rows: rows.map(({ query, document }) => ({ query: positions.get(query.key) as number, document })),
  };
}
