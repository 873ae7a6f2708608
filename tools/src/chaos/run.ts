import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../bench/statistics';
import type { CommandContext } from '../command/command';
import { type BuiltFleet, startBuiltFleet, tinyWorker } from '../processes/built-fleet';
import { defaultWaitMs } from './client';
import { type BreakableTarget, type Fault, breakableTarget, injectFault, planFaults } from './faults';
import type { Logit } from './judge';
import { type Load, createLoad } from './load';
import type { ChaosOptions } from './options';
import { type Prober, createProber } from './probe';
import { findRemains } from './quiet';
import { recordScores } from './reference-scores';
import { type AskedModel, chooserOf, makeTextPool, mixedRequest } from './request-mix';
import { type Tally, createTally, inSeconds, isClean } from './tally';

/** Result of a run. */
export interface ChaosResult {
  tally: Tally;
  /** Problems other than answers. */
  troubles: readonly string[];
}

/** Whether a run found no problem. */
export function isPassed({ tally, troubles }: ChaosResult): boolean {
  return isClean(tally.total()) && troubles.length === 0;
}

const gatewayCount = 2;
const workerCount = 2;
const callerCount = 24;
/** Covers the longest stop of a gateway and the busy time after it. */
const graceMs = 15_000;
const tinyModel = 'tiny-bert';
const shippedModel = 'multilingual-e5-small';
/** Approximate number of requests per fault. It determines the number of rounds. */
const requestsPerFault = 250;
/** Least duration of the load before a fault begins and after it is over. */
const leadMs = 1_000;
const tailMs = 3_000;

/** Starts a fleet, records the scores, injects faults under load, and checks that nothing is left behind. */
export async function runChaos(options: ChaosOptions, { root, say }: CommandContext): Promise<ChaosResult> {
  say('starting the fleet');
  const fleet = await startBuiltFleet({
    root,
    redis: options.sentinel ? 'sentinel' : 'single',
    gateways: new Array(gatewayCount).fill({ WAIT_MS: String(defaultWaitMs) }),
    workers: [
      ...new Array<Record<string, string>>(workerCount).fill(tinyWorker(root, tinyModel)),
      ...(options.defaultModel ? [shippedWorker(root)] : []),
    ],
    board: true,
  });
  const tally = createTally();
  const troubles: string[] = [];
  try {
    await runFaults({ options, fleet, tally, say });
    say('faults are over; waiting until the fleet is idle');
    troubles.push(...(await findRemains(fleet)), ...fleet.children.unexpectedEnds());
  } finally {
    const killed = await fleet.children.stop();
    troubles.push(...killed.map((name) => `${name} did not end in time`));
    if (!isPassed({ tally, troubles })) troubles.push(`the logs are in ${fleet.children.folder}`);
    else fleet.children.removeFiles();
  }
  return { tally, troubles };
}

function shippedWorker(root: string): Record<string, string> {
  return { MODELS_DIR: join(root, 'models'), MODEL: shippedModel, DEFAULT_BUNDLE: 'false', SESSIONS: '1' };
}

interface Run {
  options: ChaosOptions;
  fleet: BuiltFleet;
  tally: Tally;
  say(line: string): void;
}

/** A model, its share of the requests, and its scores. */
interface Subject extends AskedModel {
  share: number;
  logit: Logit;
}

async function runFaults({ options, fleet, tally, say }: Run): Promise<void> {
  const subjects = await recordAll(options, fleet);
  say(`recorded ${subjects.map(({ pool }) => pool.queries.length * pool.documents.length).join(' and ')} scores`);
  const choose = chooserOf(seededRandom(options.seed));
  const rounds = Math.max(1, Math.round(options.requests / (options.faults.length * requestsPerFault)));
  const faults = planFaults(options.faults, rounds, choose);
  const targets = fleet.gateways.map(breakableTarget);
  const makeTask = (number: number) => taskOf(options.seed, number, subjects);
  const load = createLoad({ targets, callerCount, seed: options.seed, graceMs, tally, makeTask });
  const [subject] = subjects as [Subject];
  const prober = createProber({ subject, tally, firstNumber: options.requests });
  const shares = evenShares(options.requests, faults.length);
  for (const [index, fault] of faults.entries()) {
    const stretch = { first: shares[index] ?? 0, count: (shares[index + 1] ?? 0) - (shares[index] ?? 0) };
    await runStretch({ load, prober, tally, targets, fleet, say }, fault, stretch);
  }
  // a second answer arrives soon after the first
  await delay(1_000);
  load.close();
}

/** The request with a number; the same for every caller. */
function taskOf(seed: number, number: number, subjects: readonly Subject[]) {
  const choose = chooserOf(seededRandom(seed * 1_000_003 + number));
  const subject = subjects.find(({ share }) => choose.happens(share)) ?? (subjects[0] as Subject);
  return { number, request: mixedRequest(choose, subject), logit: subject.logit };
}

async function recordAll({ seed, requests, defaultModel }: ChaosOptions, { gateways }: BuiltFleet): Promise<Subject[]> {
  const tiny = {
    name: undefined,
    // limits the time that a short run spends on recording
    pool: makeTextPool(seed, { queries: 8, documents: Math.min(240, Math.ceil(requests / 8)) }),
    mostDocuments: 1_000,
    hurries: true,
    share: defaultModel ? 0.9 : 1,
  };
  const shipped = {
    name: shippedModel,
    pool: makeTextPool(seed + 1, { queries: 4, documents: 16 }),
    mostDocuments: 16,
    hurries: false,
    share: 1,
  };
  const subjects: Subject[] = [];
  for (const model of defaultModel ? [tiny, shipped] : [tiny]) {
    subjects.push({ ...model, logit: await recordScores(gateways[0]?.url ?? '', model) });
  }
  return subjects;
}

/** Start of each of `count` equal shares, and the end. */
function evenShares(whole: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => Math.floor((whole * index) / count));
}

interface StretchContext {
  load: Load;
  prober: Prober;
  tally: Tally;
  targets: readonly BreakableTarget[];
  fleet: BuiltFleet;
  say(line: string): void;
}

async function runStretch(
  context: StretchContext,
  fault: Fault,
  share: { first: number; count: number },
): Promise<void> {
  const { load, prober, tally, targets, fleet, say } = context;
  const durationMs = leadMs + fault.durationMs + tailMs;
  const sending = load.run({ label: fault.kind, ...share, durationMs });
  await delay(leadMs);
  const settledAtMs = load.settled().then(() => performance.now());
  const { endedMs, recovered } = await injectFault({ fleet, targets }, fault);
  const [rightAtMs] = await Promise.all([prober.untilRight(fault.kind, targets), sending, recovered]);
  const recovery = { rightMs: rightAtMs - endedMs, settledMs: Math.max(0, (await settledAtMs) - endedMs) };
  tally.recordRecovery(fault.kind, recovery);
  await fleet.redis.settled();
  const { asked, right, refused } = tally.total();
  const length = fault.durationMs > 0 ? ` ${inSeconds(fault.durationMs)}` : '';
  say(
    `${fault.kind}${length}: recovered after ${inSeconds(recovery.rightMs)}; asked ${asked}, right ${right}, refused ${refused}`,
  );
}
