import type { Secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';
import type { GoldenQuery } from './golden-set';
import type { Ranked } from './measures';

/** Last in the queue: golden queries never delay those of users. */
const lowestPriority = 999;

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), version: z.string(), revision: z.string() })),
});

const rankingSchema = z.object({
  results: z.array(z.object({ index: z.number().int().min(0), relevance_score: z.number().min(0).max(1) })),
});

/** A model that live workers serve: of several versions the newest, which its name alone means. */
export interface LiveModel {
  model: string;
  version: string;
  revision: string;
}

/** What came of one golden query. `refused`: not now, but later perhaps. */
export type Answer =
  | { kind: 'ranked'; ranking: Ranked[] }
  | { kind: 'refused'; status: number; retryAfterMs: number }
  | { kind: 'failed'; status: number | undefined };

export interface GatewayClientOptions {
  url: string;
  apiKey: Secret | undefined;
  /** How long one query may wait. */
  requestTimeoutMs: number;
}

/** The public API as the probe uses it. */
export interface GatewayClient {
  /** Rejects when the gateway cannot be reached or does not list its models. */
  models(signal: AbortSignal): Promise<LiveModel[]>;
  /** Never rejects. */
  rank(request: { query: GoldenQuery; model: string }, signal: AbortSignal): Promise<Answer>;
}

/** Beside the wait itself: connecting, and the answer's way back. */
const marginMs = 5_000;

/** Makes a client; it keeps nothing open between calls. */
export function createGatewayClient({ url, apiKey, requestTimeoutMs }: GatewayClientOptions): GatewayClient {
  const base = url.replace(/\/+$/, '');
  const headers = (): Record<string, string> => (apiKey ? { authorization: `Bearer ${apiKey.reveal()}` } : {});
  const limited = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs + marginMs)]);
  return {
    async models(signal) {
      const response = await fetch(`${base}/v1/models`, { headers: headers(), signal: limited(signal) });
      if (response.status !== 200) throw new Error(`the list of models got HTTP ${response.status}`);
      const { data } = modelsSchema.parse(await response.json());
      // an older version that is still served beside a newer one is listed as `name@version`
      return data
        .filter(({ id, version }) => !id.endsWith(`@${version}`))
        .map(({ id, version, revision }) => ({ model: id, version, revision }));
    },
    async rank({ query, model }, signal) {
      try {
        const response = await fetch(`${base}/v1/rerank`, {
          method: 'POST',
          headers: {
            ...headers(),
            'content-type': 'application/json',
            'x-request-timeout-ms': String(requestTimeoutMs),
          },
          body: JSON.stringify({
            model,
            query: query.query,
            documents: query.documents.map(({ text }) => text),
            priority: lowestPriority,
          }),
          signal: limited(signal),
        });
        return await answerOf(response, query.documents.length);
      } catch {
        return { kind: 'failed', status: undefined };
      }
    },
  };
}

/** Whole seconds, as our gateway sends; a second for anything else that something in between may send. */
function retryAfterMs(header: string | null): number {
  return header !== null && /^\d+$/.test(header) ? 1_000 * Number(header) : 1_000;
}

async function answerOf(response: Response, documents: number): Promise<Answer> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  if (status === 429 || status === 503) {
    return { kind: 'refused', status, retryAfterMs: retryAfterMs(response.headers.get('retry-after')) };
  }
  const parsed = rankingSchema.safeParse(body);
  if (status !== 200 || !parsed.success) return { kind: 'failed', status };
  const ranking = parsed.data.results.map(({ index, relevance_score: score }) => ({ index, score }));
  // a ranking that misses documents or has one twice would be judged as what it is not
  const isWhole = new Set(ranking.map(({ index }) => index)).size === documents && ranking.length === documents;
  return isWhole ? { kind: 'ranked', ranking } : { kind: 'failed', status };
}
