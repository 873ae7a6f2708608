import type { GoldenLanguage, ProbeOutcome } from '@rerank-fleet/metrics';
import type { GatewayClient } from './gateway-client';
import type { GoldenQuery, GoldenSet } from './golden-set';
import { type Quality, type Ranked, measure } from './measures';

/** Time source of the probe; tests replace it. */
export interface Clock {
  nowMs(): number;
  /** Resolves after the delay, or when the signal aborts. Never rejects. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

export interface RoundOptions {
  client: Pick<GatewayClient, 'rank'>;
  golden: GoldenSet;
  model: string;
  /** Time between the starts of two queries; 0 = no pause. */
  paceMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Called once per query. */
  onQuery(outcome: ProbeOutcome, status: number | undefined): void;
}

/** Result of a round: the quality per language, or nothing if a query failed or the round was aborted. */
export type RoundResult = { isComplete: true; languages: Record<GoldenLanguage, Quality> } | { isComplete: false };

/** Maximum number of attempts of a refused query. */
const attempts = 5;
const retryMaxMs = 30_000;

/** Sends every golden query to one model, one at a time. A round with a failed query gives no result. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { golden, paceMs, clock, signal, onQuery } = options;
  const answered: { language: GoldenLanguage; query: GoldenQuery; ranking: Ranked[] }[] = [];
  const all = golden.languages.flatMap(({ language, queries }) => queries.map((query) => ({ language, query })));
  for (const { language, query } of all) {
    const startedMs = clock.nowMs();
    const answer = await askWithRetries(options, query);
    if (signal.aborted) return { isComplete: false };
    onQuery(answer.ranking ? 'answered' : 'failed', answer.status);
    if (answer.ranking) answered.push({ language, query, ranking: answer.ranking });
    await clock.sleep(Math.max(0, startedMs + paceMs - clock.nowMs()), signal);
  }
  if (answered.length < all.length) return { isComplete: false };
  const of = (language: GoldenLanguage) => measure(answered.filter((each) => each.language === language));
  return { isComplete: true, languages: { en: of('en'), zh: of('zh') } };
}

/** Sends one query, and sends it again after the `Retry-After` of each refusal. */
async function askWithRetries(
  { client, model, clock, signal }: RoundOptions,
  query: GoldenQuery,
): Promise<{ ranking?: Ranked[]; status: number | undefined }> {
  let status: number | undefined;
  for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt++) {
    const answer = await client.rank({ query, model }, signal);
    if (answer.kind === 'ranked') return { ranking: answer.ranking, status: 200 };
    status = answer.status;
    if (answer.kind === 'failed') break;
    if (attempt < attempts) await clock.sleep(Math.min(retryMaxMs, Math.max(1, answer.retryAfterMs)), signal);
  }
  return { status };
}
