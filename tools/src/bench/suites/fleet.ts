import type { CommandContext } from '../../command/command';
import { defaultBundle } from '../bundles';
import { makeRequests, type BenchRequest } from '../documents';
import {
  inFlight,
  type Comparison,
  middleTurns,
  requestsToWarmUp,
  type Round,
  roundText,
  type Sides,
  withSides,
} from '../fleet-rounds';
import { repeatWithin } from '../pace';
import { type Result, higherIsBetter, lowerIsBetter, plain } from '../result';
import { sortedSlices } from '../slices';
import { percentile } from '../statistics';

const roundLimits = { max: 9, limitMs: 240_000 };
const documentsPerRequest = 10;
const requestsPerRound = 20;

/** The two kinds of load: documents of equal length with about 120 tokens, and documents of 10 to 200 words. */
const loads = { uniform: 90, mixed: { from: 10, to: 200 } };
type Load = keyof typeof loads;
const loadNames = Object.keys(loads) as Load[];

/**
 * Compares the fleet with the best throughput of a single process with the default bundle: all rows sorted by length
 * and split at the same token budget. Each round has new documents.
 */
export async function run(context: CommandContext): Promise<Result[]> {
  const comparison: Comparison = {
    folder: defaultBundle,
    slice: (rows, { tokenBudget, maxRows }) =>
      sortedSlices(rows, ({ document }) => document.rowTokens, { tokenBudget: tokenBudget.cpu, maxRows }),
  };
  return withSides(context, comparison, (sides) => measure(sides, context.say));
}

async function measure(sides: Sides, say: CommandContext['say']): Promise<Result[]> {
  const measured: Record<Load, Round[]> = { uniform: [], mixed: [] };
  say('  warming up');
  await sides.round(requestsOf('mixed', { seed: 0, requests: requestsToWarmUp }));
  await repeatWithin(roundLimits, async (round) => {
    for (const load of loadNames) {
      const one = await sides.round(requestsOf(load, { seed: round, requests: requestsPerRound }));
      say(`  round ${round}, ${load}: ${roundText(one)}`);
      measured[load].push(one);
    }
  });
  return loadNames.flatMap((load) => results(load, measured[load]));
}

function requestsOf(load: Load, { seed, requests }: { seed: number; requests: number }): BenchRequest[] {
  return makeRequests({ seed, requests, documents: documentsPerRequest, words: loads[load] });
}

function results(load: Load, rounds: readonly Round[]): Result[] {
  const latenciesMs = rounds.flatMap(({ fleet }) => fleet.latenciesMs);
  const latency = (share: number) => {
    const name = `fleet latency p${share * 100} ${load}, ${inFlight} requests at once`;
    return plain(name, percentile(latenciesMs, share), 'ms');
  };
  return [
    higherIsBetter(`fleet docs/s ${load}`, { ...middleTurns(rounds, 'docsPerS'), unit: 'docs/s' }),
    lowerIsBetter(`fleet CPU a document ${load}`, { ...middleTurns(rounds, 'cpuMsPerDoc'), unit: 'ms' }),
    ...[0.5, 0.95, 0.99].map(latency),
  ];
}
