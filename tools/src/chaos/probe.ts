import { setTimeout as delay } from 'node:timers/promises';
import { openConnection } from '../raw-http/connection';
import type { Target } from './client';
import { cohere } from './dialects';
import { type Logit, type Verdict, judgeAnswer } from './judge';
import { requestBytes } from './request-bytes';
import type { AskedModel } from './request-mix';
import type { Tally } from './tally';

/** Asks each gateway again and again after a fault, until it is well. */
export interface Prober {
  /**
   * Resolves with the time (`performance.now()`) at which every gateway has given a right answer to a small request;
   * Infinity when that takes more than a minute.
   */
  untilRight(label: string, targets: readonly Target[]): Promise<number>;
}

/** What is asked for, and where a bad answer is counted. */
export interface ProberOptions {
  subject: AskedModel & { logit: Logit };
  tally: Tally;
  /** The number of the first probe that is counted: only those are that must not be. */
  firstNumber: number;
}

const limitMs = 60_000;
const intervalMs = 100;
const waitMs = 2_000;

/** Probes are not counted as asked, but one that is answered wrongly is. */
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
  const trial = { question, dialect: cohere, waitMs, logit };
  const probe = async ({ url }: Target): Promise<Verdict | undefined> => {
    const connection = await openConnection(url, waitMs).catch(() => undefined);
    if (connection === undefined) return undefined;
    const sentMs = performance.now();
    const bytes = requestBytes(url, { question, dialect: cohere, timeoutMs: waitMs });
    const reception = await connection.exchange(bytes, { limitMs: 2 * waitMs });
    connection.destroy();
    if (reception.kind !== 'answer') return undefined;
    return judgeAnswer(trial, reception.response, performance.now() - sentMs);
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
