import { openConnection } from '../raw-http/connection';
import { cohere } from './dialects';
import { type Logit, logitTolerance } from './judge';
import { requestBytes } from './request-bytes';
import type { AskedModel } from './request-mix';

/** Time limit of a request on the idle fleet. */
const limitMs = 60_000;

/**
 * Records the score of every pair of a model's texts on the undisturbed fleet, twice and in different order. Rejects
 * when the two scores differ, because later answers could not be judged.
 */
export async function recordScores(url: string, { name, pool, mostDocuments }: AskedModel): Promise<Logit> {
  const known = new Map<string, ReadonlyMap<string, number>>();
  for (const query of pool.queries) {
    const ask = (documents: readonly string[]) => scoresOf(url, { model: name, query, documents, mostDocuments });
    const first = await ask(pool.documents);
    const again = await ask([...pool.documents].reverse());
    for (const [document, logit] of first) {
      const differs = !(Math.abs(logit - (again.get(document) ?? NaN)) <= logitTolerance);
      if (differs) throw new Error('the same pair got two different scores without a fault');
    }
    known.set(query, first);
  }
  return (query, document) => known.get(query)?.get(document) ?? NaN;
}

interface ScoredQuery {
  model: string | undefined;
  query: string;
  documents: readonly string[];
  mostDocuments: number;
}

async function scoresOf(url: string, { mostDocuments, documents, ...rest }: ScoredQuery): Promise<Map<string, number>> {
  const scores = new Map<string, number>();
  for (let from = 0; from < documents.length; from += mostDocuments) {
    const some = documents.slice(from, from + mostDocuments);
    const question = { ...rest, documents: some, topN: undefined, returnTexts: false, priority: undefined };
    const connection = await openConnection(url, limitMs);
    const bytes = requestBytes(url, { question, dialect: cohere, timeoutMs: limitMs });
    const reception = await connection.exchange(bytes, { limitMs: 2 * limitMs });
    connection.destroy();
    if (reception.kind !== 'answer') throw new Error(`the scores cannot be recorded: ${reception.kind}`);
    const { status, body } = reception.response;
    if (status !== 200) throw new Error(`the scores cannot be recorded: ${status} ${body.toString('utf8')}`);
    const results = cohere.read(JSON.parse(body.toString('utf8'))) ?? [];
    for (const { index, score } of results) scores.set(some[index] ?? '', score);
  }
  return scores;
}
