import type { GoldenLanguage, ProbeOutcome } from '@rerank-fleet/metrics';
import type { GatewayClient } from './gateway-client';
import type { GoldenQuery, GoldenSet } from './golden-set';
import { type Quality, type Ranked, measure } from './measures';

/** Time as the probe sees it; tests bring their own. */
export interface Clock {
  nowMs(): number;
  /** Resolves after that time, or at once when the signal aborts. Never rejects. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

export interface RoundOptions {
  client: Pick<GatewayClient, 'rank'>;
  golden: GoldenSet;
  model: string;
  /** From the begin of one query to that of the next; 0 = one after the other. */
  paceMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Told of each query once. */
  onQuery(outcome: ProbeOutcome, status: number | undefined): void;
}

/** What a round came to: the quality of each language, or nothing where a query failed or the round was ended. */
export type RoundResult = { isWhole: true; languages: Record<GoldenLanguage, Quality> } | { isWhole: false };

/** A refused query is sent again this often; a fleet that is full for longer has no room for golden queries. */
const attempts = 5;
const retryMaxMs = 30_000;

/** Sends every golden query to one model, one at a time. A round with a failed query judges nothing. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { golden, paceMs, clock, signal, onQuery } = options;
  const answered: { language: GoldenLanguage; query: GoldenQuery; ranking: Ranked[] }[] = [];
  const all = golden.languages.flatMap(({ language, queries }) => queries.map((query) => ({ language, query })));
  for (const { language, query } of all) {
    const startedMs = clock.nowMs();
    const answer = await askPatiently(options, query);
    if (signal.aborted) return { isWhole: false };
    onQuery(answer.ranking ? 'answered' : 'failed', answer.status);
    if (answer.ranking) answered.push({ language, query, ranking: answer.ranking });
    await clock.sleep(Math.max(0, startedMs + paceMs - clock.nowMs()), signal);
  }
  if (answered.length < all.length) return { isWhole: false };
  const of = (language: GoldenLanguage) => measure(answered.filter((each) => each.language === language));
  return { isWhole: true, languages: { en: of('en'), zh: of('zh') } };
}

/** One query, again after each refusal as the gateway asks for. */
async function askPatiently(
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
