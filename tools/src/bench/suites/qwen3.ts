import { bundleKey } from '@rerank-fleet/contract';
import { readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import type { CommandContext } from '../../command/command';
import { cpuClock } from '../cpu-time';
import { makeRequests, type BenchRequest } from '../documents';
import { middleTurns, type Speed, speedText } from '../fleet-rounds';
import { runLoad } from '../http-load';
import { repeatWithin } from '../pace';
import { processPrivateMiB } from '../process-memory';
import { buildPrograms, makeBuildFolder } from '../programs';
import { randomBundles, type RandomBundles } from '../random-models/bundles';
import { naiveBundle } from '../random-models/naive-bundle';
import { qwen3Recipe, reranker06b } from '../random-models/qwen3';
import { type RequestThreads, type RequestTurn, startRequestThreads } from '../request-threads';
import { type Result, higherIsBetter, lowerIsBetter, plain } from '../result';
import { type RunningFleet, runFleet } from '../running-fleet';
import { median } from '../statistics';

const roundLimits = { max: 4, limitMs: 330_000 };
/** Sessions of one thread each. The naive side has one session with as many threads. */
const sessions = 2;
const documentsPerRequest = 20;

/** Words that make a query of 80 tokens, with the template before it, and documents of 120, with the template after. */
const texts = { queryWords: 17, words: 109 };
const wantedTokens = { query: 80, document: 120 };

/** Documents of each request per turn: slow sides need fewer for a figure as exact. The fleet comes last. */
const documentsOf = { 'naive fp32': 4, fp32: 5, int8: 10, 'int8 prefix': 20, 'fleet int8': 20 };
type Side = keyof typeof documentsOf;
const sides = Object.keys(documentsOf) as Side[];
type InProcess = Exclude<Side, 'fleet int8'>;

type Round = Record<Side, Speed>;

/** What a fleet with one worker takes. */
interface FleetCost {
  readyAfterS: number;
  privateMiB: number;
}

/**
 * Compares the ways to run Qwen3-Reranker-0.6B on this processor, with random weights, because speed does not depend on
 * their values: as naive programs do (the graph of a public export, one pair per call), and as ours in fp32, in int8,
 * in int8 with the query's part computed once per request, and the last one in a fleet over HTTP. All have the same
 * documents and take turns. The CPU time of the fleet is that of gateway, worker and Redis.
 */
export async function run(context: CommandContext): Promise<Result[]> {
  const { root, say } = context;
  const recipe = qwen3Recipe('qwen3-reranker-0.6b-random', reranker06b);
  const bundles = await randomBundles(recipe, context);
  const naive = await naiveBundle({ root, recipe, sizes: reranker06b, bundles, say });
  const buildFolder = await makeBuildFolder(root);
  try {
    await buildPrograms(['request-thread'], buildFolder.path);
    const alone = await withFleet(context, { bundles, sessions: 1 }, async (_running, cost) => cost());
    return await withFleet(context, { bundles, sessions }, async (running, cost) => {
      const threads = startAll(bundles, naive, buildFolder.path);
      try {
        const rounds = await measure(running, threads, say);
        const results = [...speeds(rounds), ...costs(alone, cost())];
        for (const line of await goals(results)) say(line);
        return results;
      } finally {
        await Promise.all(Object.values(threads).map((one) => one.close()));
      }
    });
  } finally {
    buildFolder.remove();
  }
}

function startAll({ fp32, int8 }: RandomBundles, naive: Bundle, folder: string): Record<InProcess, RequestThreads> {
  const ours = { threads: 1, sessions, folder };
  return {
    'naive fp32': startRequestThreads({ bundle: naive, threads: sessions, sessions: 1, folder, isQueryKept: true }),
    fp32: startRequestThreads({ ...ours, bundle: fp32, isQueryKept: false }),
    int8: startRequestThreads({ ...ours, bundle: int8, isQueryKept: false }),
    'int8 prefix': startRequestThreads({ ...ours, bundle: int8, isQueryKept: true }),
  };
}

/** Runs `work` with a fleet of one worker that has served a request. */
async function withFleet<Value>(
  { root, say }: CommandContext,
  { bundles: { modelsDir, int8 }, sessions: count }: { bundles: RandomBundles; sessions: number },
  work: (running: RunningFleet, cost: () => FleetCost) => Promise<Value>,
): Promise<Value> {
  const beganMs = performance.now();
  const { manifest } = int8;
  const tokenBudget = manifest.tokenBudget.cpu;
  const running = await runFleet({ root, sessions: count, modelsDir, model: bundleKey(manifest), tokenBudget, say });
  const readyAfterS = (performance.now() - beganMs) / 1000;
  try {
    await inFleet(running, requestsOf(0, 4));
    return await work(running, () => ({ readyAfterS, privateMiB: processPrivateMiB(running.pidOf('worker')) }));
  } finally {
    await running.stop();
  }
}

const requestsOf = (seed: number, documents: number, requests = sessions): BenchRequest[] =>
  makeRequests({ seed, requests, documents: documentsPerRequest, ...texts }).map((request) => ({
    ...request,
    documents: request.documents.slice(0, documents),
  }));

async function measure(
  running: RunningFleet,
  threads: Record<InProcess, RequestThreads>,
  say: CommandContext['say'],
): Promise<Round[]> {
  const rounds: Round[] = [];
  say('  warming up');
  for (const one of Object.values(threads)) checkTokens(await one.score(requestsOf(0, 1)));
  await repeatWithin(roundLimits, async (seed) => {
    const turns: Partial<Record<InProcess, RequestTurn>> = {};
    const speedOf: Partial<Round> = {};
    for (const side of seed % 2 === 1 ? sides : sides.toReversed()) {
      if (side === 'fleet int8') speedOf[side] = await inFleet(running, requestsOf(seed, documentsOf[side]));
      else {
        const requests = side === 'naive fp32' ? 1 : sessions;
        turns[side] = await threads[side].score(requestsOf(seed, documentsOf[side], requests));
        speedOf[side] = turns[side];
      }
      say(`  round ${seed}, ${side}: ${speedText(speedOf[side] as Speed)}`);
    }
    compareLogits(turns as Record<InProcess, RequestTurn>, say);
    rounds.push(speedOf as Round);
  });
  return rounds;
}

/** Sends all requests at once. */
async function inFleet(running: RunningFleet, requests: readonly BenchRequest[]): Promise<Speed> {
  const bodies = requests.map((request) => Buffer.from(JSON.stringify(request)));
  const documents = requests.reduce((sum, request) => sum + request.documents.length, 0);
  const cpuMs = cpuClock(['gateway', 'worker', 'redis'].map(running.pidOf));
  const { endsMs } = await runLoad({ url: running.rankUrl, bodies, inFlight: bodies.length });
  return { docsPerS: (documents * 1000) / Math.max(...endsMs), cpuMsPerDoc: cpuMs() / documents };
}

function checkTokens({ answers }: RequestTurn): void {
  for (const { queryTokens, documentTokens } of answers) {
    if (queryTokens === wantedTokens.query && documentTokens.every((tokens) => tokens === wantedTokens.document))
      continue;
    throw new Error(`a query of ${queryTokens} tokens with documents of ${documentTokens.join(', ')}`);
  }
}

/** Two graphs of different origin check each other. Scores of int8 with random weights are shown only. */
function compareLogits(turns: Record<InProcess, RequestTurn>, say: CommandContext['say']): void {
  const exact = logitsOf(turns['naive fp32']);
  const difference = (side: InProcess) => {
    const logits = logitsOf(turns[side]);
    return Math.max(...exact.map((logit, index) => Math.abs(logit - (logits[index] ?? NaN))));
  };
  const [fp32, int8, prefix] = (['fp32', 'int8', 'int8 prefix'] as const).map(difference);
  const spread = Math.max(...exact) - Math.min(...exact);
  const [one, two, three] = [fp32, int8, prefix].map((value) => value?.toPrecision(2));
  say(`  logits spread over ${spread.toFixed(3)}; from naive: fp32 ${one}, int8 ${two}, int8 prefix ${three}`);
  if (!((fp32 ?? NaN) < 0.002)) throw new Error(`fp32 and the naive graph give logits that differ by ${fp32}`);
}

const logitsOf = ({ answers: [first] }: RequestTurn): number[] => first?.logits ?? [];

function speeds(rounds: readonly Round[]): Result[] {
  const middle = (side: Side, what: keyof Speed) => median(rounds.map((round) => round[side][what]));
  const others = sides.filter((side) => side !== 'naive fp32');
  const unit = 'CPU ms a document';
  const [naiveCpu, naiveDocs] = [middle('naive fp32', 'cpuMsPerDoc'), middle('naive fp32', 'docsPerS')];
  const asFleet = rounds.map((round) => ({ fleet: round['fleet int8'], inProcess: round['int8 prefix'] }));
  return [
    plain('qwen3 naive fp32', naiveCpu, unit),
    ...others.map((side) =>
      lowerIsBetter(`qwen3 ${side}`, { value: middle(side, 'cpuMsPerDoc'), baseline: naiveCpu, unit }),
    ),
    plain('qwen3 docs/s naive fp32', naiveDocs, 'docs/s'),
    ...others.map((side) =>
      higherIsBetter(`qwen3 docs/s ${side}`, { value: middle(side, 'docsPerS'), baseline: naiveDocs, unit: 'docs/s' }),
    ),
    higherIsBetter(fleetName, { ...middleTurns(asFleet, 'docsPerS'), unit: 'docs/s' }),
  ];
}

const fleetName = 'qwen3 docs/s fleet int8 against in process';
const readyName = 'qwen3 fleet int8 ready after';
const memoryName = (count: number) => `qwen3 private memory of the worker, int8 sessions: ${count}`;

function costs(one: FleetCost, two: FleetCost): Result[] {
  return [
    plain(readyName, two.readyAfterS, 's'),
    plain(memoryName(1), one.privateMiB, 'MiB'),
    plain(memoryName(sessions), two.privateMiB, 'MiB'),
  ];
}

/** Each goal with what was measured. */
async function goals(results: readonly Result[]): Promise<string[]> {
  const { addsInt8PairsIn16Bits } = await readProcessor();
  const found = (name: string) => results.find((result) => result.name === name);
  const ratio = (name: string) => found(name)?.ratio?.toFixed(2);
  const value = (name: string) => found(name)?.value.toFixed(1);
  const wanted = addsInt8PairsIn16Bits ? '5, without VNNI and AMX' : '10, with VNNI or AMX';
  return [
    `  goals: CPU of naive over int8 prefix at least ${wanted}: ${ratio('qwen3 int8 prefix')}`,
    `    fleet over in process at least 0.95: ${ratio(fleetName)}`,
    `    ready after at most 15 s: ${value(readyName)} s`,
    `    private memory of ${sessions} sessions at most 1536 MiB: ${value(memoryName(sessions))} MiB`,
  ];
}
