import { join } from 'node:path';
import { loadBundle } from '@rerank-fleet/model-runtime';
import type { CommandContext } from '../../command/command';
import { batcherSlices } from '../batcher-slices';
import { defaultBundle } from '../bundles';
import { makeRequests } from '../documents';
import { type EncodedRow, type ModelThreads, startModelThreads } from '../model-threads';
import { buildPrograms, makeBuildFolder } from '../programs';
import { type Result, higherIsBetter } from '../result';
import { arrivalSlices, type SliceLimits } from '../slices';
import { median } from '../statistics';

const rounds = 4;
const documentsPerRequest = 50;
const requestsPerRound = 3;
/** Rows per call of many servers. */
const arrivalRows = 32;

/**
 * Compares the batcher with batches of 32 rows in the order of arrival, each padded to its longest row. Both sides
 * score the same documents of 10 to 200 words on one single-threaded session, in turns. Encoding is not measured. The
 * batcher never sees more than two requests: the next one arrives when fewer rows than those of one request are left.
 */
export async function run({ root, say }: CommandContext): Promise<Result[]> {
  const bundle = await loadBundle(join(root, defaultBundle));
  const { tokenBudget, maxRows } = bundle.manifest;
  const limits = { tokenBudget: tokenBudget.cpu, maxRows };
  const buildFolder = await makeBuildFolder(root);
  try {
    await buildPrograms(['model-thread'], buildFolder.path);
    const threads = startModelThreads(bundle, 1, buildFolder.path);
    try {
      return [await compare(threads, limits, say)];
    } finally {
      await threads.close();
    }
  } finally {
    buildFolder.remove();
  }
}

async function compare(threads: ModelThreads, limits: SliceLimits, say: CommandContext['say']): Promise<Result> {
  const batched: number[] = [];
  const inOrder: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const requests = makeRequests({
      seed: round + 1,
      requests: requestsPerRound,
      documents: documentsPerRequest,
      words: { from: 10, to: 200 },
    });
    const rows = await threads.encode(requests);
    // prepares the queries for both sides
    await threads.score(arrivalSlices(rows, documentsPerRequest).map((slice) => slice.slice(0, 1)));
    inOrder.push(await docsPerSecond(threads, arrivalSlices(rows, arrivalRows)));
    const batches = batcherSlices(arrivalSlices(rows, documentsPerRequest), {
      ...limits,
      mixesQueries: true,
      refillBelow: documentsPerRequest,
    });
    batched.push(await docsPerSecond(threads, batches));
    say(
      `  round ${round + 1} of ${rounds}: ${batched.at(-1)?.toFixed(1)} docs/s, in order of arrival ${inOrder.at(-1)?.toFixed(1)}`,
    );
  }
  return higherIsBetter('batching docs/s mixed', {
    value: median(batched),
    baseline: median(inOrder),
    unit: 'docs/s',
  });
}

async function docsPerSecond(threads: ModelThreads, slices: EncodedRow[][]): Promise<number> {
  const beganMs = performance.now();
  await threads.score(slices);
  const documents = slices.reduce((sum, slice) => sum + slice.length, 0);
  return (documents * 1000) / (performance.now() - beganMs);
}
