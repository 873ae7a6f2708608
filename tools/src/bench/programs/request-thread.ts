import { workerData } from 'node:worker_threads';
import { openEncoder, openSession, readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type EncodedDocument, type EncodedQuery, type Session } from '@rerank-fleet/scoring';
import type { BenchRequest } from '../documents';
import { sortedSlices } from '../slices';
import { serveCalls } from './serve-calls';

/** How a thread scores requests. */
export interface RequestThreadOptions {
  bundle: Bundle;
  /** Threads of its session. */
  threads: number;
  /** Whether the query is prepared once per request. Otherwise all tokens of each pair are computed. */
  isQueryKept: boolean;
}

/** The result of a request. */
export interface ScoredRequest {
  /** In the order of the documents. */
  logits: number[];
  /** Tokens before the document, and each document's with those that follow it. */
  queryTokens: number;
  documentTokens: number[];
}

/** A thread with an encoder and a session that scores whole requests, in the best calls of their rows. */
const { bundle, threads, isQueryKept } = workerData as RequestThreadOptions;
const opened = readProcessor().then((processor) => openSession(bundle, { provider: 'cpu', processor, threads }));
const encoder = openEncoder(bundle);

serveCalls<BenchRequest, ScoredRequest>(
  async ({ query, documents }) => {
    const encoded = encodePairs(await encoder, { query, documents });
    if (!encoded.ok) throw new Error(encoded.failure.message);
    const logits = await score(await opened, isQueryKept ? encoded : asWholePairs(encoded));
    const documentTokens = encoded.documents.map(({ ids }) => ids.length);
    return { logits, queryTokens: encoded.query.ids.length, documentTokens };
  },
  async () => (await opened).close(),
);

interface Encoded {
  query: EncodedQuery;
  documents: EncodedDocument[];
}

/** The same rows with a query of one token, the first of the template. */
function asWholePairs({ query, documents }: Encoded): Encoded {
  const [first, rest] = [query.ids.subarray(0, 1), query.ids.subarray(1)];
  return {
    query: { key: 'first token', ids: first, tokens: first.length },
    documents: documents.map((document) => {
      const ids = Int32Array.from([...rest, ...document.ids]);
      return { ...document, ids, rowTokens: first.length + ids.length };
    }),
  };
}

async function score(session: Session, { query, documents }: Encoded): Promise<number[]> {
  const { tokenBudget } = bundle.manifest;
  const limits = { tokenBudget: tokenBudget.cpu, maxRows: session.traits.maxRows };
  const prepared = await session.prepare(query);
  const logits: number[] = [];
  for (const slice of sortedSlices([...documents.entries()], ([, { rowTokens }]) => rowTokens, limits)) {
    const scored = await session.score(slice.map(([, document]) => ({ query: prepared, document })));
    slice.forEach(([index], at) => (logits[index] = scored[at] ?? NaN));
  }
  return logits;
}
