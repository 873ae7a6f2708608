import { join } from 'node:path';
import {
  encodePairs,
  InvalidScoreError,
  type EncodedDocument,
  type EncodedQuery,
  type Session,
} from '@rerank-fleet/scoring';
import { openEncoder, type Bundle } from './bundle';
import { BundleError } from './bundle-error';
import { isOutOfMemory } from './onnx-errors';
import { openSession, packedFiles } from './onnx-session';
import { writeRecord } from './packed-record';
import type { Processor } from './processor';

/** Texts of several kinds and lengths. Their scores are compared. */
const sample = {
  query: 'restart a worker',
  documents: [
    'Workers take jobs from a queue in batches.',
    '减小批大小、使用半精度或量化模型可以降低显存占用。',
    'for (const job of jobs) await queue.add(job.name, job.data);',
  ],
};

export interface PackTarget {
  processor: Processor;
  /** An empty folder. */
  folder: string;
  /** Name of the packed model. */
  name: string;
}

/**
 * Writes the model of a verified bundle with packed weights into a folder, and whether it can be used: only if it gives
 * the scores of the bundle's own graph, bit for bit. onnxruntime 1.30 packs weights of MatMulNBits so that they become
 * NaN, for example. Blocks the thread and takes up to 1.25 times the weights in memory.
 * @throws BundleError
 */
export async function packModel(bundle: Bundle, { processor, folder, name }: PackTarget): Promise<void> {
  const options = { provider: 'cpu', threads: 1, processor } as const;
  const encoded = encodePairs(await openEncoder(bundle), sample);
  if (!encoded.ok) throw new BundleError(`${bundle.dir} has no room for a short query`);
  const wanted = await scoresOf(await openSession(bundle, { ...options, packInto: folder }), encoded);
  const packedModel = join(folder, packedFiles.model);
  const found = await scoresIfAny(() => openSession({ ...bundle, packedModel }, options), encoded);
  const isUsable = found.length === wanted.length && found.every((score, index) => Object.is(score, wanted[index]));
  await writeRecord(folder, { name, isUsable });
}

interface EncodedSample {
  query: EncodedQuery;
  documents: EncodedDocument[];
}

/** None for a graph that cannot be loaded again, or gives NaN. */
async function scoresIfAny(open: () => Promise<Session>, encoded: EncodedSample): Promise<number[]> {
  try {
    return await scoresOf(await open(), encoded);
  } catch (error) {
    // with more memory it may be right
    if (isOutOfMemory(error) || !(error instanceof BundleError || error instanceof InvalidScoreError)) throw error;
    return [];
  }
}

/** Scores of the documents, one per call and several. Closes the session. */
async function scoresOf(session: Session, encoded: EncodedSample): Promise<number[]> {
  try {
    const query = await session.prepare(encoded.query);
    const rows = encoded.documents.map((document) => ({ query, document }));
    const calls = [...rows.map((row) => [row]), rows.slice(0, session.traits.maxRows)];
    const scores: number[] = [];
    for (const call of calls) scores.push(...(await session.score(call)));
    return scores;
  } finally {
    await session.close();
  }
}
