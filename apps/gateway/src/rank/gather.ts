import {
  sigmoid,
  type BundleRef,
  type Failure,
  type JobOutcome,
  type RankedDocument,
  type Ranking,
  type RerankRequest,
  type Result,
} from '@rerank-fleet/contract';
import type { Part } from './estimate';

type Gathered = Result<{ ranking: Ranking }>;

const brokenOutcome: Failure = { code: 'internal', message: 'A worker returned a wrong number of scores.' };

/** Collects the outcomes of one request's parts. Only the first outcome of each part counts. */
export interface Gathering {
  /** Returns the answer with the last part or the first failed one; undefined before. */
  add(outcome: JobOutcome): Gathered | undefined;
}

export interface GatheringOptions {
  requestId: string;
  bundle: BundleRef;
  request: RerankRequest;
  parts: readonly Part[];
}

/** The ranking before any part has arrived, and the answer to a request without documents. */
export function emptyRanking({ requestId, bundle, request }: Omit<GatheringOptions, 'parts'>): Ranking {
  return {
    requestId,
    bundle,
    results: [],
    truncated: [],
    tokens: { query: 0, documents: 0 },
    timings: { queueMs: 0, tokenizationMs: 0, inferenceMs: 0 },
    ...(request.returnTokens && { documentTokens: request.documents.map(() => null) }),
  };
}

export function startGathering({ requestId, bundle, request, parts }: GatheringOptions): Gathering {
  const settled = new Set<number>();
  const logits = new Float64Array(request.documents.length);
  const ranking = emptyRanking({ requestId, bundle, request });
  return {
    add(outcome) {
      const part = parts[outcome.part];
      if (!part || settled.has(outcome.part)) return undefined;
      settled.add(outcome.part);
      if (!outcome.ok) return { ok: false, failure: outcome.failure };
      if (outcome.logits.length !== part.count) return { ok: false, failure: brokenOutcome };
      logits.set(outcome.logits, part.first);
      merge(ranking, outcome);
      outcome.documentTokens?.forEach((tokens, position) => {
        if (ranking.documentTokens && position < part.count) ranking.documentTokens[part.first + position] = tokens;
      });
      if (settled.size < parts.length) return undefined;
      ranking.results = rank(logits).slice(0, request.topN ?? logits.length);
      ranking.truncated.sort((a, b) => a.index - b.index);
      return { ok: true, ranking };
    },
  };
}

function merge(ranking: Ranking, { truncated, tokens, timings }: Extract<JobOutcome, { ok: true }>): void {
  ranking.truncated.push(...truncated);
  // each part read the same query, which counts once
  ranking.tokens.query = Math.max(ranking.tokens.query, tokens.query);
  ranking.tokens.documents += tokens.documents;
  ranking.timings.queueMs = Math.max(ranking.timings.queueMs, timings.queueMs);
  ranking.timings.tokenizationMs = Math.max(ranking.timings.tokenizationMs, timings.tokenizationMs);
  ranking.timings.inferenceMs = Math.max(ranking.timings.inferenceMs, timings.inferenceMs);
}

/** Best first; equal logits keep the order of the request. Not ranked by score: extreme logits have equal sigmoids. */
function rank(logits: Float64Array): RankedDocument[] {
  return Array.from(logits, (logit, index) => ({ index, logit, score: sigmoid(logit) })).sort(
    (a, b) => b.logit - a.logit || a.index - b.index,
  );
}
