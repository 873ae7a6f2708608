import { setTimeout as delay } from 'node:timers/promises';
import { openConnection } from '../raw-http/connection';
import type { Target } from './client';
import { cohere } from './dialects';
import { type Logit, type Verdict, judgeAnswer } from './judge';
import { requestBytes } from './request-bytes';
import type { AskedModel } from './request-mix';
import type { Tally } from './tally';

/** Sends probes to each gateway after a fault until it has recovered. */
export interface Prober {
  /**
   * Resolves with the time (`performance.now()`) at which every gateway has answered a small request right; Infinity
   * when that takes more than a minute.
   */
  untilRight(label: string, targets: readonly Target[]): Promise<number>;
}

/** The model that is probed, and where bad answers are counted. */
export interface ProberOptions {
  subject: AskedModel & { logit: Logit };
  tally: Tally;
  /** Number of the first counted probe. Only probes with a bad answer are counted. */
  firstNumber: number;
}

const limitMs = 60_000;
const intervalMs = 100;
const waitMs = 2_000;

/** Probes count in the tally only when their answer is bad. */
export function createProber({ subject, tally, firstNumber }: ProberOptions): Prober {
  let number = firstNumber;
  const { name: model, pool, logit } = subject;
  const question = {
    model,
    query: pool.queries[0] ?? '',
    documents: pool.documents.slice(0, 2),
    topN: undefined,
    returnTexts: true,
    priority: 0,
  };
  const expectation = { question, dialect: cohere, waitMs, logit };
  const probe = async ({ url }: Target): Promise<Verdict | undefined> => {
    const connection = await openConnection(url, waitMs).catch(() => undefined);
    if (connection === undefined) return undefined;
    const sentMs = performance.now();
    const bytes = requestBytes(url, { question, dialect: cohere, timeoutMs: waitMs });
    const reception = await connection.exchange(bytes, { limitMs: 2 * waitMs });
    connection.destroy();
    if (reception.kind !== 'answer') return undefined;
    return judgeAnswer(expectation, reception.response, performance.now() - sentMs);
  };
  return {
    async untilRight(label, targets) {
      const beganMs = performance.now();
      const isLate = () => performance.now() - beganMs > limitMs;
      const untilRight = async (target: Target) => {
        while (!isLate()) {
          const verdict = await probe(target);
          if (verdict?.outcome === 'right') return performance.now();
          if (verdict !== undefined && verdict.outcome !== 'refused') tally.record(number++, label, verdict);
          await delay(intervalMs);
        }
        return Infinity;
      };
      return Math.max(...(await Promise.all(targets.map(untilRight))));
    },
  };
}
