import { bundleKey } from '@rerank-fleet/contract';
import { createHead, type Manifest } from '@rerank-fleet/scoring';
import type { CommandContext } from '../../command/command';
import { batcherSlices } from '../batcher-slices';
import { defaultBundle } from '../bundles';
import { type BenchRequest, makeRequests } from '../documents';
import { inFlight, middleTurns, requestsToWarmUp, type Round, roundText, type Sides, withSides } from '../fleet-rounds';
import { int8Rounds } from '../int8-rounds';
import type { EncodedRow } from '../model-threads';
import { repeatWithin, requestsLasting } from '../pace';
import { buildPrograms, makeBuildFolder } from '../programs';
import { bertRecipe, bgeBase, miniLmL6 } from '../random-models/bert';
import { randomBundles } from '../random-models/bundles';
import { type Result, higherIsBetter, plain } from '../result';
import { arrivalSlices } from '../slices';
import { median } from '../statistics';

/** Ordered by the cost of the session, cheapest first. */
const tinyBundles = [
  'tiny-bert/1',
  'tiny-xlmr/1',
  'tiny-qwen3/seqcls',
  'tiny-qwen3/plain',
  'tiny-qwen3/fp16',
  'tiny-qwen3/kv',
  'tiny-qwen3/gqa',
];
/** Every head with every form of its graph. */
const folders = [...tinyBundles.map((bundle) => `libs/scoring/fixtures/models/${bundle}`), defaultBundle];
/** Limits per bundle. */
const roundLimits = { max: 5, limitMs: 50_000 };
/** Duration of a turn, unless the minimum number of requests takes longer. */
const turnMs = 1_500;
const requestsMin = 20;
const documentsPerRequest = 20;
/** Short enough that almost no bundle truncates, although tiny tokenizers give three tokens per word. */
const words = { from: 20, to: 60 };

interface Measured {
  /** Name of the head and its bundle. */
  name: string;
  rounds: Round[];
}

/** Cross-encoders of usual sizes with random weights. */
const crossEncoders = { 'minilm-l6-random': miniLmL6, 'bge-base-random': bgeBase };
/** Limits per cross-encoder and kind of load. The goal of its rows: int8 is at least 2.3 times as fast as fp32. */
const crossEncoderLimits = { max: 5, limitMs: 40_000 };

/**
 * Compares each model head in a fleet with the same sessions in process, with the batches that the worker forms from
 * the requests in flight. The faster the session of a bundle, the more its ratio shows the overhead of the fleet. Then
 * compares int8 with fp32 in cross-encoders of usual sizes, in process.
 */
export async function run(context: CommandContext): Promise<Result[]> {
  const measured: Measured[] = [];
  for (const folder of folders) {
    measured.push(await withSides(context, { folder, slice: workerSlices }, (sides) => measure(sides, context.say)));
  }
  // with a slower session, the overhead is smaller than the noise
  return [...measured.map(docsPerS), ...measured.slice(0, 1).map(addedCpu), ...(await int8AgainstFp32(context))];
}

async function int8AgainstFp32({ root, say }: CommandContext): Promise<Result[]> {
  const buildFolder = await makeBuildFolder(root);
  try {
    await buildPrograms(['model-thread'], buildFolder.path);
    const results: Result[] = [];
    for (const [name, sizes] of Object.entries(crossEncoders)) {
      const bundles = await randomBundles(bertRecipe(name, sizes), { root, say });
      const options = { bundles, suite: 'heads', folder: buildFolder.path, limits: crossEncoderLimits, say };
      results.push(...(await int8Rounds(options)));
    }
    return results;
  } finally {
    buildFolder.remove();
  }
}

function workerSlices(rows: readonly EncodedRow[], manifest: Manifest): EncodedRow[][] {
  const { maxRows, mixesQueries } = createHead(manifest).traits;
  return batcherSlices(arrivalSlices(rows, documentsPerRequest), {
    tokenBudget: manifest.tokenBudget.cpu,
    maxRows,
    mixesQueries,
    refillBelow: (inFlight - 1) * documentsPerRequest,
  });
}

async function measure({ bundle, round }: Sides, say: CommandContext['say']): Promise<Measured> {
  const { manifest } = bundle;
  const name = `${manifest.head} ${bundleKey(manifest)}`;
  const rounds: Round[] = [];
  say(`  warming up ${name}`);
  let last = await round(requestsOf(0, requestsToWarmUp));
  await repeatWithin(roundLimits, async (seed) => {
    // after so few requests, the rate of the fleet is not reliable, because answers arrive in clusters
    const pace = { docsPerS: last.inProcess.docsPerS, documentsPerRequest, atLeast: requestsMin };
    last = await round(requestsOf(seed, requestsLasting(turnMs, pace)));
    rounds.push(last);
    say(`  round ${seed}, ${name}: ${roundText(last)}`);
  });
  return { name, rounds };
}

function requestsOf(seed: number, requests: number): BenchRequest[] {
  return makeRequests({ seed, requests, documents: documentsPerRequest, words });
}

function docsPerS({ name, rounds }: Measured): Result {
  return higherIsBetter(`heads docs/s ${name}`, { ...middleTurns(rounds, 'docsPerS'), unit: 'docs/s' });
}

/** Overhead of the fleet per document: its CPU time minus that of the process. */
function addedCpu({ name, rounds }: Measured): Result {
  const addedMs = rounds.map(({ fleet, inProcess }) => fleet.cpuMsPerDoc - inProcess.cpuMsPerDoc);
  return plain(`heads CPU added a document ${name}`, median(addedMs), 'ms');
}
