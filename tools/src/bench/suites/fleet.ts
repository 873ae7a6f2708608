import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import { processCpuMs } from '../cpu-time';
import { makeRequests, type BenchRequest } from '../documents';
import { runLoad } from '../http-load';
import { startModelThreads, type ModelThreads } from '../model-threads';
import { buildPrograms, openWorkshop } from '../programs';
import { type Result, type SuiteContext, higherIsBetter, lowerIsBetter, plain } from '../result';
import { type RunningFleet, runFleet } from '../running-fleet';
import { sortedSlices } from '../slices';
import { median, percentile } from '../statistics';

const modelFolder = 'models/multilingual-e5-small/1';
const roundsMax = 5;
/** No round begins that would probably end after this. */
const measuringMs = 150_000;
const documentsPerRequest = 50;
/** Enough that neither the worker nor the queue is ever empty, as under more load than the fleet can take. */
const inFlight = 4;
const requestsPerRound = 14;
/** The fewest that a rate can be told from. */
const requestsToWarmUp = 2 * inFlight + 1;

/** The two kinds of load: documents of exactly equal length, about 120 tokens each, and of 10 to 200 words. */
const loads = { uniform: 90, mixed: { from: 10, to: 200 } };
type Load = keyof typeof loads;
const loadNames = Object.keys(loads) as Load[];

/** One side's turn. */
interface Turn {
  docsPerS: number;
  cpuMsPerDoc: number;
  latenciesMs: number[];
}
interface Round {
  fleet: Turn;
  ideal: Turn;
}

interface Sides {
  running: RunningFleet;
  threads: ModelThreads;
  bundle: Bundle;
}

/**
 * A saturated fleet (HTTP, Redis, one worker with a single-threaded session a core) against the best that one process
 * can do with the same model on the same cores: as many sessions, no queue and no HTTP, all of a round's rows at hand,
 * sorted by length and cut at the same token budget. Texts are encoded by the same encoder within the measured time on
 * both sides. The client that sends the requests runs on the same cores, which the fleet's docs/s pay for; its own CPU
 * time is left out of the CPU rows, which add up gateway, worker and Redis. The sides take turns, with documents that
 * neither has seen.
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
      return await measure({ running, threads, bundle }, say);
    } finally {
      await running.stop();
      await threads.close();
    }
  } finally {
    workshop.remove();
  }
}

async function measure(sides: Sides, say: SuiteContext['say']): Promise<Result[]> {
  const measured: Record<Load, Round[]> = { uniform: [], mixed: [] };
  say('  warming up');
  await measureRound(sides, requestsOf('mixed', { seed: 0, requests: requestsToWarmUp }));
  const beganMs = performance.now();
  const spentMs = () => performance.now() - beganMs;
  for (let round = 1; round <= roundsMax; round++) {
    if (round > 1 && (spentMs() * round) / (round - 1) > measuringMs) break;
    for (const load of loadNames) {
      const requests = requestsOf(load, { seed: round, requests: requestsPerRound });
      const one = await measureRound(sides, requests);
      say(`  round ${round}, ${load}: fleet ${turnText(one.fleet)}; one process ${turnText(one.ideal)}`);
      measured[load].push(one);
    }
  }
  return loadNames.flatMap((load) => results(load, measured[load]));
}

function turnText({ docsPerS, cpuMsPerDoc }: Turn): string {
  return `${docsPerS.toFixed(1)} docs/s, ${cpuMsPerDoc.toFixed(1)} CPU ms a document`;
}

function requestsOf(load: Load, { seed, requests }: { seed: number; requests: number }): BenchRequest[] {
  return makeRequests({ seed, requests, documents: documentsPerRequest, words: loads[load] });
}

async function measureRound(sides: Sides, requests: readonly BenchRequest[]): Promise<Round> {
  const fleet = await fleetTurn(sides, requests);
  return { fleet, ideal: await idealTurn(sides, requests) };
}

async function fleetTurn({ running }: Sides, requests: readonly BenchRequest[]): Promise<Turn> {
  const bodies = requests.map((request) => Buffer.from(JSON.stringify(request)));
  const cpuMs = cpuClock(['gateway', 'worker', 'redis'].map(running.pidOf));
  const { answersPerSecond, latenciesMs } = await runLoad({ url: running.rankUrl, bodies, inFlight });
  const cpuMsPerDoc = cpuMs() / (requests.length * documentsPerRequest);
  return { docsPerS: answersPerSecond * documentsPerRequest, cpuMsPerDoc, latenciesMs };
}

async function idealTurn({ threads, bundle }: Sides, requests: readonly BenchRequest[]): Promise<Turn> {
  const { tokenBudget, maxRows } = bundle.manifest;
  const cpuMs = cpuClock([process.pid]);
  const beganMs = performance.now();
  const rows = await threads.encode(requests);
  const limits = { tokenBudget: tokenBudget.cpu, maxRows };
  await threads.score(sortedSlices(rows, ({ document }) => document.rowTokens, limits));
  const docsPerS = (rows.length * 1000) / (performance.now() - beganMs);
  return { docsPerS, cpuMsPerDoc: cpuMs() / rows.length, latenciesMs: [] };
}

/** CPU time of some processes together since now, ms. */
function cpuClock(pids: readonly number[]): () => number {
  const total = () => pids.reduce((sum, pid) => sum + processCpuMs(pid), 0);
  const began = total();
  return () => total() - began;
}

function results(load: Load, rounds: readonly Round[]): Result[] {
  const middle = (side: keyof Round, what: 'docsPerS' | 'cpuMsPerDoc') =>
    median(rounds.map((round) => round[side][what]));
  const figures = (what: 'docsPerS' | 'cpuMsPerDoc', unit: string) => ({
    value: middle('fleet', what),
    baseline: middle('ideal', what),
    unit,
  });
  const latenciesMs = rounds.flatMap(({ fleet }) => fleet.latenciesMs);
  const latency = (share: number) => {
    const name = `fleet latency p${share * 100} ${load}, ${inFlight} requests at once`;
    return plain(name, percentile(latenciesMs, share), 'ms');
  };
  return [
    higherIsBetter(`fleet docs/s ${load}`, figures('docsPerS', 'docs/s')),
    lowerIsBetter(`fleet CPU a document ${load}`, figures('cpuMsPerDoc', 'ms')),
    ...[0.5, 0.95, 0.99].map(latency),
  ];
}
