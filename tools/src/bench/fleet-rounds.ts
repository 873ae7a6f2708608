import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bundleKey } from '@rerank-fleet/contract';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import type { Manifest } from '@rerank-fleet/scoring';
import { processCpuMs } from './cpu-time';
import type { BenchRequest } from './documents';
import { runLoad } from './http-load';
import { type EncodedRow, type ModelThreads, startModelThreads } from './model-threads';
import { buildPrograms, openWorkshop } from './programs';
import type { SuiteContext } from './result';
import { type RunningFleet, runFleet } from './running-fleet';

/** Enough that neither the worker nor the queue is ever empty, as under more load than the fleet can take. */
export const inFlight = 4;
/** The fewest that a rate can be told from. */
export const requestsToWarmUp = 2 * inFlight + 1;

/** One side's turn. */
interface Turn {
  docsPerS: number;
  cpuMsPerDoc: number;
  latenciesMs: number[];
}

/** A turn of each side with the same requests. */
export interface Round {
  fleet: Turn;
  inProcess: Turn;
}

/** What is compared. */
export interface Matter {
  /** The bundle's folder, below the repository's. */
  folder: string;
  /** Cuts all rows of a turn into the batches that are scored in process. */
  slice: (rows: readonly EncodedRow[], manifest: Manifest) => EncodedRow[][];
}

/** Both sides, ready. */
export interface Sides {
  bundle: Bundle;
  round(requests: readonly BenchRequest[]): Promise<Round>;
}

/**
 * A saturated fleet (HTTP, Redis, one worker with a single-threaded session a core) and this process with the same
 * model on the same cores: as many sessions, no queue and no HTTP, all of a turn's rows at hand. Texts are encoded by
 * the same encoder within the measured time on both sides. The client that sends the requests runs on the same cores,
 * which the fleet's docs/s pay for; its own CPU time is left out of the fleet's, which adds up gateway, worker and
 * Redis. The sides take turns, each is first in every other round. Both are ended when `measure` has.
 */
export async function withSides<Value>(
  { root, say }: SuiteContext,
  { folder, slice }: Matter,
  measure: (sides: Sides) => Promise<Value>,
): Promise<Value> {
  const bundle = await loadBundle(join(root, folder));
  const sessions = availableParallelism();
  const workshop = await openWorkshop(root);
  try {
    await buildPrograms(['model-thread'], workshop.path);
    const modelsDir = join(bundle.dir, '../..');
    const running = await runFleet({ root, sessions, modelsDir, model: bundleKey(bundle.manifest), say });
    const threads = startModelThreads(bundle, sessions, workshop.path);
    const inFleet = (requests: readonly BenchRequest[]) => fleetTurn(running, requests);
    const inProcess = (requests: readonly BenchRequest[]) =>
      inProcessTurn(threads, requests, (rows) => slice(rows, bundle.manifest));
    let isFleetFirst = false;
    try {
      return await measure({
        bundle,
        async round(requests) {
          isFleetFirst = !isFleetFirst;
          if (isFleetFirst) return { fleet: await inFleet(requests), inProcess: await inProcess(requests) };
          return { inProcess: await inProcess(requests), fleet: await inFleet(requests) };
        },
      });
    } finally {
      await running.stop();
      await threads.close();
    }
  } finally {
    workshop.remove();
  }
}

async function fleetTurn(running: RunningFleet, requests: readonly BenchRequest[]): Promise<Turn> {
  const bodies = requests.map((request) => Buffer.from(JSON.stringify(request)));
  const cpuMs = cpuClock(['gateway', 'worker', 'redis'].map(running.pidOf));
  const { answersPerSecond, latenciesMs } = await runLoad({ url: running.rankUrl, bodies, inFlight });
  const documents = requests.reduce((sum, request) => sum + request.documents.length, 0);
  const docsPerS = (answersPerSecond * documents) / requests.length;
  return { docsPerS, cpuMsPerDoc: cpuMs() / documents, latenciesMs };
}

async function inProcessTurn(
  threads: ModelThreads,
  requests: readonly BenchRequest[],
  slice: (rows: readonly EncodedRow[]) => EncodedRow[][],
): Promise<Turn> {
  const cpuMs = cpuClock([process.pid]);
  const beganMs = performance.now();
  const rows = await threads.encode(requests);
  await threads.score(slice(rows));
  const docsPerS = (rows.length * 1000) / (performance.now() - beganMs);
  return { docsPerS, cpuMsPerDoc: cpuMs() / rows.length, latenciesMs: [] };
}

/** CPU time of some processes together since now, ms. */
function cpuClock(pids: readonly number[]): () => number {
  const total = () => pids.reduce((sum, pid) => sum + processCpuMs(pid), 0);
  const began = total();
  return () => total() - began;
}

/** A round for the person at the terminal. */
export function roundText({ fleet, inProcess }: Round): string {
  return `fleet ${turnText(fleet)}; in process ${turnText(inProcess)}`;
}

function turnText({ docsPerS, cpuMsPerDoc }: Turn): string {
  return `${docsPerS.toFixed(1)} docs/s, ${cpuMsPerDoc.toPrecision(3)} CPU ms a document`;
}

/**
 * The mean of the rounds whose ratio is in the middle half: the fleet's is the value, the other the baseline. The sides of
 * one round ran one after the other, those of different rounds perhaps on a machine of another speed.
 */
export function middleTurns(
  rounds: readonly Round[],
  what: 'docsPerS' | 'cpuMsPerDoc',
): { value: number; baseline: number } {
  const byRatio = [...rounds].sort((a, b) => ratioOf(a, what) - ratioOf(b, what));
  const leftOut = Math.floor(rounds.length / 4);
  const middle = byRatio.slice(leftOut, rounds.length - leftOut);
  const mean = (side: keyof Round) => middle.reduce((sum, round) => sum + round[side][what], 0) / middle.length;
  return { value: mean('fleet'), baseline: mean('inProcess') };
}

function ratioOf({ fleet, inProcess }: Round, what: 'docsPerS' | 'cpuMsPerDoc'): number {
  return fleet[what] / inProcess[what];
}
