import type { Secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';
import type { GoldenQuery } from './golden-set';
import type { Ranked } from './measures';

/** Lowest priority, so that golden queries never delay requests of users. */
const lowestPriority = 999;

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), version: z.string(), revision: z.string() })),
});

const rankingSchema = z.object({
  results: z.array(z.object({ index: z.number().int().min(0), relevance_score: z.number().min(0).max(1) })),
});

/** A model with live workers. If several versions are live, the newest one, which its name alone selects. */
export interface LiveModel {
  model: string;
  version: string;
  revision: string;
}

/** Result of one golden query. `refused`: a retry may succeed. */
export type Answer =
  | { kind: 'ranked'; ranking: Ranked[] }
  | { kind: 'refused'; status: number; retryAfterMs: number }
  | { kind: 'failed'; status: number | undefined };

export interface GatewayClientOptions {
  url: string;
  apiKey: Secret | undefined;
  /** Wait of one query. */
  requestTimeoutMs: number;
}

/** The parts of the public API that the probe uses. */
export interface GatewayClient {
  /** Rejects when the gateway cannot be reached or does not list its models. */
  models(signal: AbortSignal): Promise<LiveModel[]>;
  /** Never rejects. */
  rank(request: { query: GoldenQuery; model: string }, signal: AbortSignal): Promise<Answer>;
}

/** Time in addition to the wait, for the connection and the transfer of the answer. */
const marginMs = 5_000;

/** Creates a client. It keeps no state between calls. */
export function createGatewayClient({ url, apiKey, requestTimeoutMs }: GatewayClientOptions): GatewayClient {
  const base = url.replace(/\/+$/, '');
  const headers = (): Record<string, string> => (apiKey ? { authorization: `Bearer ${apiKey.reveal()}` } : {});
  const limited = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs + marginMs)]);
  return {
    async models(signal) {
      const response = await fetch(`${base}/v1/models`, { headers: headers(), signal: limited(signal) });
      if (response.status !== 200) throw new Error(`the list of models got HTTP ${response.status}`);
      const { data } = modelsSchema.parse(await response.json());
      // an older version that is also live is listed as `name@version`
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

/** `Retry-After` in whole seconds, as sent by the gateway. Any other value, such as that of a proxy, gives a second. */
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
  // a ranking with missing or repeated documents must not be judged
  const isComplete = new Set(ranking.map(({ index }) => index)).size === documents && ranking.length === documents;
  return isComplete ? { kind: 'ranked', ranking } : { kind: 'failed', status };
}
