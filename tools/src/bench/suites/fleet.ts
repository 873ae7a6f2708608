import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import { makeRequests, type BenchRequest } from '../documents';
import { runLoad } from '../http-load';
import { startModelThreads, type ModelThreads } from '../model-threads';
import { buildPrograms, openWorkshop } from '../programs';
import { type Result, type SuiteContext, higherIsBetter, plain } from '../result';
import { runFleet } from '../running-fleet';
import { sortedSlices } from '../slices';
import { median, percentile } from '../statistics';

const modelFolder = 'models/multilingual-e5-small/1';
const rounds = 4;
const documentsPerRequest = 50;
/** Enough that neither the worker nor the queue is ever empty, as under more load than the fleet can take. */
const inFlight = 4;
const requestsPerRound = 14;

/** The two kinds of load: documents of exactly equal length, about 120 tokens each, and of 10 to 200 words. */
const loads = { uniform: 90, mixed: { from: 10, to: 200 } };
type Load = keyof typeof loads;

interface Round {
  fleetDocsPerS: number;
  idealDocsPerS: number;
  latenciesMs: number[];
}

interface Sides {
  rankUrl: string;
  threads: ModelThreads;
  bundle: Bundle;
}

/**
 * A saturated fleet (HTTP, Redis, one worker with a single-threaded session a core) against the best that one process
 * can do with the same model on the same cores: as many sessions, no queue and no HTTP, all of a round's rows at hand,
 * sorted by length and cut at the same token budget. Texts are encoded by the same encoder within the measured time on
 * both sides. The fleet's time also holds the client that sends the requests, on the same cores. The sides take turns,
 * with documents that neither has seen.
 */
export async function run({ root, say }: SuiteContext): Promise<Result[]> {
  const bundle = await loadBundle(join(root, modelFolder));
  const sessions = availableParallelism();
  const workshop = await openWorkshop(root);
  try {
    await buildPrograms(['model-thread'], workshop.path);
    const threads = startModelThreads(bundle, sessions, workshop.path);
    const running = await runFleet({ root, sessions, say });
    try {
      const sides = { rankUrl: running.rankUrl, threads, bundle };
      return await measure(sides, say);
    } finally {
      await running.stop();
      await threads.close();
    }
  } finally {
    await workshop.remove();
  }
}

async function measure(sides: Sides, say: SuiteContext['say']): Promise<Result[]> {
  const results: Record<Load, Round[]> = { uniform: [], mixed: [] };
  // the first, unmeasured round warms both sides
  for (let round = 0; round <= rounds; round++) {
    for (const load of Object.keys(loads) as Load[]) {
      const one = await measureRound(sides, load, round);
      const [ours, ideal] = [one.fleetDocsPerS.toFixed(1), one.idealDocsPerS.toFixed(1)];
      say(`  round ${round} of ${rounds}, ${load}: fleet ${ours} docs/s, one process ${ideal} docs/s`);
      if (round > 0) results[load].push(one);
    }
  }
  return [...docsPerSecond('uniform', results.uniform), ...docsPerSecond('mixed', results.mixed)];
}

async function measureRound(sides: Sides, load: Load, round: number): Promise<Round> {
  const requests = makeRequests({
    seed: round + 1,
    requests: requestsPerRound,
    documents: documentsPerRequest,
    words: loads[load],
  });
  const ideal = () => idealDocsPerSecond(sides, requests);
  const idealFirst = round % 2 === 0 ? await ideal() : undefined;
  const bodies = requests.map((request) => Buffer.from(JSON.stringify(request)));
  const { answersPerSecond, latenciesMs } = await runLoad({ url: sides.rankUrl, bodies, inFlight });
  const idealDocsPerS = idealFirst ?? (await ideal());
  return { fleetDocsPerS: answersPerSecond * documentsPerRequest, idealDocsPerS, latenciesMs };
}

async function idealDocsPerSecond({ threads, bundle }: Sides, requests: readonly BenchRequest[]): Promise<number> {
  const { tokenBudget, maxRows } = bundle.manifest;
  const beganMs = performance.now();
  const rows = await threads.encode(requests);
  const limits = { tokenBudget: tokenBudget.cpu, maxRows };
  await threads.score(sortedSlices(rows, ({ document }) => document.rowTokens, limits));
  return (rows.length * 1000) / (performance.now() - beganMs);
}

function docsPerSecond(load: Load, measured: readonly Round[]): Result[] {
  const value = median(measured.map(({ fleetDocsPerS }) => fleetDocsPerS));
  const baseline = median(measured.map(({ idealDocsPerS }) => idealDocsPerS));
  const latenciesMs = measured.flatMap((round) => round.latenciesMs);
  return [
    higherIsBetter(`fleet docs/s ${load}`, { value, baseline, unit: 'docs/s' }),
    ...[0.5, 0.95, 0.99].map((share) =>
      plain(
        `fleet latency p${share * 100} ${load}, ${inFlight} requests at once`,
        percentile(latenciesMs, share),
        'ms',
      ),
    ),
  ];
}
