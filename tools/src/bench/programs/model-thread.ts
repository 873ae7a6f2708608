import { workerData } from 'node:worker_threads';
import { openEncoder, openSession, readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type EncodedDocument, type EncodedQuery } from '@rerank-fleet/scoring';
import type { BenchRequest } from '../documents';
import { serveCalls } from './serve-calls';

/** A call of a model thread: encode the texts of a request, or score one batch. */
export type ModelCall =
  | { kind: 'encode'; request: BenchRequest }
  | { kind: 'score'; queries: EncodedQuery[]; rows: { query: number; document: EncodedDocument }[] };
export type ModelAnswer =
  { kind: 'encoded'; query: EncodedQuery; documents: EncodedDocument[] } | { kind: 'scored'; logits: Float64Array };

/** A thread with an encoder and a single-threaded session, opened like in the worker. */
const { bundle } = workerData as { bundle: Bundle };
const opened = readProcessor().then((processor) => openSession(bundle, { provider: 'cpu', processor, threads: 1 }));
const encoder = openEncoder(bundle);
const prepared = new Map<string, unknown>();

async function prepare(query: EncodedQuery): Promise<unknown> {
  const known = prepared.get(query.key);
  if (known !== undefined) return known;
  const fresh = await (await opened).prepare(query);
  prepared.set(query.key, fresh);
  return fresh;
}

async function encode({ query, documents }: BenchRequest): Promise<ModelAnswer> {
  const encoded = encodePairs(await encoder, { query, documents });
  if (!encoded.ok) throw new Error(encoded.failure.message);
  return { kind: 'encoded', query: encoded.query, documents: encoded.documents };
}

serveCalls<ModelCall, ModelAnswer>(
  async (call) => {
    if (call.kind === 'encode') return encode(call.request);
    const ready: unknown[] = [];
    for (const query of call.queries) ready.push(await prepare(query));
    const rows = call.rows.map(({ query, document }) => ({ query: ready[query], document }));
    return { kind: 'scored', logits: await (await opened).score(rows) };
  },
  async () => (await opened).close(),
);
