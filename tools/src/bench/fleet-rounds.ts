import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bundleKey } from '@rerank-fleet/contract';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import type { Manifest } from '@rerank-fleet/scoring';
import type { CommandContext } from '../command/command';
import { cpuClock } from './cpu-time';
import type { BenchRequest } from './documents';
import { runLoad, steadyRate } from './http-load';
import { type EncodedRow, type ModelThreads, startModelThreads } from './model-threads';
import { buildPrograms, makeBuildFolder } from './programs';
import { type RunningFleet, runFleet } from './running-fleet';

/** Enough requests that the queue is never empty, as in a saturated fleet. */
export const inFlight = 4;
/** Fewest requests from which a rate can be measured. */
export const requestsToWarmUp = 2 * inFlight + 1;

/** Speed of one side in one turn. */
export interface Speed {
  docsPerS: number;
  cpuMsPerDoc: number;
}

/** Result of one turn of one side. */
interface Turn extends Speed {
  latenciesMs: number[];
}

/** One turn of each side with the same requests. */
export interface Round {
  fleet: Turn;
  inProcess: Turn;
}

/** The bundle and the batching that are compared. */
export interface Comparison {
  /** Folder of the bundle, relative to the repository. */
  folder: string;
  /** Splits all rows of a turn into the batches that are scored in process. */
  slice: (rows: readonly EncodedRow[], manifest: Manifest) => EncodedRow[][];
}

/** Both sides, ready to be measured. */
export interface Sides {
  bundle: Bundle;
  round(requests: readonly BenchRequest[]): Promise<Round>;
}

/**
 * Compares a saturated fleet (HTTP, Redis, one worker with one single-threaded session per core) with this process,
 * which runs the same model on the same cores with as many sessions, but without queue and HTTP, and has all rows of a
 * turn at once. Both sides encode the texts with the same encoder within the measured time. The client that sends the
 * requests runs on the same cores, which lowers the fleet's docs/s. The fleet's CPU time is that of gateway, worker and
 * Redis, without the client. The sides take turns, and each is first in every second round. Both are stopped when
 * `measure` has ended.
 */
export async function withSides<Value>(
  { root, say }: CommandContext,
  { folder, slice }: Comparison,
  measure: (sides: Sides) => Promise<Value>,
): Promise<Value> {
  const bundle = await loadBundle(join(root, folder));
  const sessions = availableParallelism();
  const buildFolder = await makeBuildFolder(root);
  try {
    await buildPrograms(['model-thread'], buildFolder.path);
    const modelsDir = join(bundle.dir, '../..');
    const { manifest } = bundle;
    const tokenBudget = manifest.tokenBudget.cpu;
    const running = await runFleet({ root, sessions, modelsDir, model: bundleKey(manifest), tokenBudget, say });
    const threads = startModelThreads(bundle, sessions, buildFolder.path);
    const inFleet = (requests: readonly BenchRequest[]) => fleetTurn(running, requests);
    const inProcess = (requests: readonly BenchRequest[]) =>
      inProcessTurn(threads, requests, (rows) => slice(rows, manifest));
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
    buildFolder.remove();
  }
}

async function fleetTurn(running: RunningFleet, requests: readonly BenchRequest[]): Promise<Turn> {
  const bodies = requests.map((request) => Buffer.from(JSON.stringify(request)));
  const cpuMs = cpuClock(['gateway', 'worker', 'redis'].map(running.pidOf));
  const { endsMs, latenciesMs } = await runLoad({ url: running.rankUrl, bodies, inFlight });
  const documents = requests.reduce((sum, request) => sum + request.documents.length, 0);
  const docsPerS = (steadyRate(endsMs, inFlight) * documents) / requests.length;
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

/** One line about a round. */
export function roundText({ fleet, inProcess }: Round): string {
  return `fleet ${speedText(fleet)}; in process ${speedText(inProcess)}`;
}

/** A speed in words. */
export function speedText({ docsPerS, cpuMsPerDoc }: Speed): string {
  return `${docsPerS.toFixed(1)} docs/s, ${cpuMsPerDoc.toPrecision(3)} CPU ms a document`;
}

/** The speeds of both sides in one round. */
interface Compared {
  fleet: Speed;
  inProcess: Speed;
}

/**
 * The mean of the rounds whose ratio is in the middle half. The fleet gives the value, the process the baseline. The
 * speed of the machine may change between rounds, so ratios are compared within a round.
 */
export function middleTurns(
  rounds: readonly Compared[],
  what: 'docsPerS' | 'cpuMsPerDoc',
): { value: number; baseline: number } {
  const byRatio = [...rounds].sort((a, b) => ratioOf(a, what) - ratioOf(b, what));
  const leftOut = Math.floor(rounds.length / 4);
  const middle = byRatio.slice(leftOut, rounds.length - leftOut);
  const mean = (side: keyof Compared) => middle.reduce((sum, round) => sum + round[side][what], 0) / middle.length;
  return { value: mean('fleet'), baseline: mean('inProcess') };
}

function ratioOf({ fleet, inProcess }: Compared, what: 'docsPerS' | 'cpuMsPerDoc'): number {
  return fleet[what] / inProcess[what];
}
