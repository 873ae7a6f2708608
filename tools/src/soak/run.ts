import { seededRandom } from '../bench/statistics';
import { defaultWaitMs } from '../chaos/client';
import { type Load, createLoad } from '../chaos/load';
import { recordScores } from '../chaos/reference-scores';
import { chooserOf, makeTextPool, mixedRequest } from '../chaos/request-mix';
import { type Tally, createTally, isClean } from '../chaos/tally';
import type { CommandContext } from '../command/command';
import { type BuiltFleet, startBuiltFleet, tinyWorker } from '../processes/built-fleet';
import { type FigureRecorder, recordFigures } from './figures';
import { type Flatness, judgeFlatness, readable } from './flatness';

/** Result of a run. */
export interface SoakResult {
  tally: Tally;
  flatness: readonly Flatness[];
  /** Problems other than answers and figures. */
  troubles: string[];
}

const seed = 1;
const callerCount = 24;
const graceMs = 15_000;
/** Number of readings per run, independent of its length. */
const readings = 60;
const loadShare = 0.7;
/** Duration of the capacity measurement. */
const capacityMs = 30_000;
const requestsAtOnce = 200;

/** Keeps a fleet at 70 % of its capacity and reads its figures sixty times. */
export async function runSoak(minutes: number, { root, say }: CommandContext): Promise<SoakResult> {
  say('starting the fleet');
  const gateway = { WAIT_MS: String(defaultWaitMs) };
  const worker = tinyWorker(root, 'tiny-bert');
  const fleet = await startBuiltFleet({
    root,
    redis: 'single',
    gateways: [gateway, gateway],
    workers: [worker, worker],
    board: true,
  });
  const tally = createTally();
  const result: SoakResult = { tally, flatness: [], troubles: [] };
  try {
    result.flatness = await soak({ minutes, fleet, tally, say });
    result.troubles.push(...fleet.children.unexpectedEnds());
  } finally {
    await fleet.children.stop();
    if (isPassed(result)) fleet.children.removeFiles();
    else result.troubles.push(`the logs are in ${fleet.children.folder}`);
  }
  return result;
}

/** Whether a run found no problem. */
export function isPassed({ tally, flatness, troubles }: SoakResult): boolean {
  const areFlat = flatness.length > 0 && flatness.every(({ isFlat }) => isFlat);
  return areFlat && isClean(tally.total()) && troubles.length === 0;
}

interface Run {
  minutes: number;
  fleet: BuiltFleet;
  tally: Tally;
  say(line: string): void;
}

async function soak({ minutes, fleet, tally, say }: Run): Promise<Flatness[]> {
  const pool = makeTextPool(seed, { queries: 8, documents: 240 });
  const model = { name: undefined, pool, mostDocuments: 1_000, hurries: true };
  const logit = await recordScores(fleet.gateways[0]?.url ?? '', model);
  const targets = fleet.gateways.map(({ url }) => ({ url, connections: new Set<never>(), wasBroken: () => false }));
  const makeTask = (number: number) => {
    const request = mixedRequest(chooserOf(seededRandom(seed * 1_000_003 + number)), model);
    return { number, request, logit };
  };
  const load = createLoad({ targets, callerCount, seed, graceMs, tally, makeTask });
  const { perSecond, asked } = await measureCapacity(load);
  say(
    `the capacity is ${perSecond.toFixed(1)} requests/s; the load is ${(loadShare * perSecond).toFixed(1)} requests/s for ${minutes} minutes`,
  );
  const recorder = recordFigures(fleet);
  const intervalMs = (minutes * 60_000) / readings;
  const count = Math.max(1, Math.round((loadShare * perSecond * intervalMs) / 1000));
  for (let reading = 1; reading <= readings; reading++) {
    await load.run({ label: 'soak', first: asked + (reading - 1) * count, count, durationMs: intervalMs });
    await recorder.read();
    say(progressLine((reading * minutes) / readings, tally, recorder));
  }
  load.close();
  return recorder.all().map(judgeFlatness);
}

/** Requests per second that are answered while every caller always has a request in progress. */
async function measureCapacity(load: Load): Promise<{ perSecond: number; asked: number }> {
  const beganMs = performance.now();
  let asked = 0;
  while (performance.now() - beganMs < capacityMs) {
    await load.run({ label: 'capacity', first: asked, count: requestsAtOnce, durationMs: 0 });
    asked += requestsAtOnce;
  }
  return { perSecond: (asked * 1000) / (performance.now() - beganMs), asked };
}

/** The most important figures; the table at the end has all of them. */
function progressLine(minutes: number, tally: Tally, recorder: FigureRecorder): string {
  const { asked, right, refused } = tally.total();
  const shown = recorder.all().filter(({ kind }) => kind === 'memory' || kind === 'data');
  const figures = shown.map(({ name, kind, values }) => `${name} ${readable(kind, values.at(-1) ?? NaN)}`);
  return `${minutes.toFixed(1)} min: asked ${asked}, right ${right}, refused ${refused}; ${figures.join(', ')}`;
}
