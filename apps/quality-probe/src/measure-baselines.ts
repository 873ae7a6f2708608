import { join } from 'node:path';
import { writeBaseline } from './baseline';
import type { GatewayClient } from './gateway-client';
import type { GoldenSet } from './golden-set';
import { type Clock, runRound } from './round';

export interface MeasureOptions {
  client: GatewayClient;
  golden: GoldenSet;
  /** Folder of the golden queries, which contains the baselines. */
  folder: string;
  clock: Clock;
  say(line: string): void;
}

/** Measures every live model once and stores the result as its baseline. Rejects when a round is incomplete. */
export async function measureBaselines({ client, golden, folder, clock, say }: MeasureOptions): Promise<void> {
  const { signal } = new AbortController();
  for (const { model, version, revision } of await client.models(signal)) {
    const result = await runRound({ client, golden, model, paceMs: 0, clock, signal, onQuery: () => undefined });
    if (!result.isComplete) throw new Error(`not every golden query to ${model} was answered`);
    const { languages } = result;
    const measuredAt = new Date().toISOString();
    const path = writeBaseline(join(folder, 'baselines'), {
      ...{ model, version, revision, measuredAt },
      goldenSha256: golden.sha256,
      languages,
    });
    const figures = Object.entries(languages).map(
      ([language, { ndcg, mrr }]) => `${language} nDCG@10 ${ndcg.toFixed(4)}, MRR ${mrr.toFixed(4)}`,
    );
    say(`${path}: ${figures.join('; ')}`);
  }
}
