import { availableParallelism } from 'node:os';
import { bundleKey } from '@rerank-fleet/contract';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { CommandContext } from '../command/command';
import { batcherSlices } from './batcher-slices';
import { cpuClock } from './cpu-time';
import { makeRequests, type RequestsOptions } from './documents';
import { speedText, type Speed } from './fleet-rounds';
import { startModelThreads, type ModelThreads } from './model-threads';
import { repeatWithin, type RepeatLimits } from './pace';
import type { RandomBundles } from './random-models/bundles';
import { type Result, higherIsBetter, lowerIsBetter, plain } from './result';
import { arrivalSlices } from './slices';
import { median } from './statistics';

const documentsPerRequest = 50;
const requestsPerTurn = 2;
/** Documents of about 100 tokens, and documents of 10 to 200 words. */
const loads: Record<string, RequestsOptions['words']> = { uniform: 90, mixed: { from: 10, to: 200 } };

/** One turn of each side with the same documents. */
type Round = Record<'fp32' | 'int8', Speed>;

export interface Int8RoundsOptions {
  bundles: Pick<RandomBundles, 'fp32' | 'int8'>;
  /** First word of the results' names. */
  suite: string;
  /** Folder with the built program `model-thread`. */
  folder: string;
  limits: RepeatLimits;
  say: CommandContext['say'];
}

/**
 * Compares the int8 bundle of a model with its fp32 bundle, in turns, in this process: one single-threaded session per
 * core, with the batches that a worker forms. Texts are encoded within the measured time.
 */
export async function int8Rounds({ bundles, suite, folder, limits, say }: Int8RoundsOptions): Promise<Result[]> {
  const sessions = availableParallelism();
  const threads = {
    fp32: startModelThreads(bundles.fp32, sessions, folder),
    int8: startModelThreads(bundles.int8, sessions, folder),
  };
  const { name } = bundles.fp32.manifest;
  try {
    const results: Result[] = [];
    for (const [load, words] of Object.entries(loads)) {
      const rounds: Round[] = [];
      const round = async (seed: number): Promise<Round> => ({
        fp32: await turn(threads.fp32, bundles.fp32, { seed, words }),
        int8: await turn(threads.int8, bundles.int8, { seed, words }),
      });
      say(`  warming up ${bundleKey(bundles.int8.manifest)}, ${load}`);
      await round(0);
      await repeatWithin(limits, async (seed) => {
        const one = await round(seed);
        rounds.push(one);
        say(`  round ${seed}, ${name} ${load}: fp32 ${speedText(one.fp32)}; int8 ${speedText(one.int8)}`);
      });
      results.push(...resultsOf(rounds, { suite, name: `${name} ${load}` }));
    }
    return results;
  } finally {
    await threads.fp32.close();
    await threads.int8.close();
  }
}

async function turn(
  threads: ModelThreads,
  { manifest }: Bundle,
  { seed, words }: Pick<RequestsOptions, 'seed' | 'words'>,
): Promise<Speed> {
  const requests = makeRequests({ seed, requests: requestsPerTurn, documents: documentsPerRequest, words });
  const cpuMs = cpuClock([process.pid]);
  const beganMs = performance.now();
  const rows = await threads.encode(requests);
  await threads.score(
    batcherSlices(arrivalSlices(rows, documentsPerRequest), {
      tokenBudget: manifest.tokenBudget.cpu,
      maxRows: manifest.maxRows,
      mixesQueries: true,
      refillBelow: documentsPerRequest,
    }),
  );
  return { docsPerS: (rows.length * 1000) / (performance.now() - beganMs), cpuMsPerDoc: cpuMs() / rows.length };
}

function resultsOf(rounds: readonly Round[], { suite, name }: { suite: string; name: string }): Result[] {
  const middle = (side: keyof Round, what: keyof Speed) => median(rounds.map((round) => round[side][what]));
  const both = (what: keyof Speed) => ({ value: middle('int8', what), baseline: middle('fp32', what) });
  const docs = both('docsPerS');
  const cpu = both('cpuMsPerDoc');
  return [
    plain(`${suite} docs/s ${name} fp32`, docs.baseline, 'docs/s'),
    higherIsBetter(`${suite} docs/s ${name} int8`, { ...docs, unit: 'docs/s' }),
    lowerIsBetter(`${suite} CPU a document ${name} int8`, { ...cpu, unit: 'ms' }),
  ];
}
