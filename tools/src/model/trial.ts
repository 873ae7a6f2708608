import { type Result, sigmoid } from '@rerank-fleet/contract';
import {
  BundleError,
  isOutOfMemory,
  openEncoder,
  openSession,
  readProcessor,
  type Bundle,
} from '@rerank-fleet/model-runtime';
import { encodePairs, InvalidScoreError, type Encoder, type Row, type Session } from '@rerank-fleet/scoring';

/** A bundle that is loaded as in a worker. */
export interface OpenBundle {
  bundle: Bundle;
  encoder: Encoder;
  session: Session;
}

/** Turns a BundleError into a failed result. Any other error is a bug and is thrown on. */
export async function catchBundleError<Value>(
  work: () => Promise<Value>,
): Promise<Result<{ value: Value }, { message: string }>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof BundleError) return { ok: false, message: error.message };
    throw error;
  }
}

/** Loads a bundle as a worker does, runs `work`, and closes the session. */
export async function withBundle<Value>(
  bundle: Bundle,
  work: (open: OpenBundle) => Promise<Value>,
  threads = 1,
): Promise<Value> {
  const encoder = await openEncoder(bundle);
  const session = await openSession(bundle, { provider: 'cpu', processor: await readProcessor(), threads });
  try {
    return await work({ bundle, encoder, session: withGraphErrors(session, bundle) });
  } finally {
    await session.close();
  }
}

/** The session, with errors of its graph turned into BundleError: a graph may fail at rows of some shape. */
function withGraphErrors(session: Session, bundle: Bundle): Session {
  const explain = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof InvalidScoreError) throw error;
      // The end of onnxruntime's message holds the reason.
      const reason = isOutOfMemory(error) ? 'this machine has not enough memory' : messageOf(error).slice(-200);
      throw new BundleError(`${nameOf(bundle)}: its graph fails (${reason})`);
    }
  };
  return {
    ...session,
    prepare: (encoded) => explain(session.prepare(encoded)),
    score: (rows) => explain(session.score(rows)),
  };
}

/** Rows that share a call get other scores than alone, or the call fails. */
export class SharedCallError extends BundleError {
  override name = 'SharedCallError';
}

const query = 'Which planet is known as the Red Planet?';
/** Documents of different lengths, so that a call with all of them pads all rows except one. */
const documents = [
  '',
  'Mars.',
  'Mars, known for its reddish appearance, is often referred to as the Red Planet, while Venus is called the twin of Earth.',
];

/**
 * Scores rows of different lengths alone, and then together in two orders. The scores of a row must agree within the
 * manifest's tolerance.
 * @throws SharedCallError when they do not agree; BundleError when a row has no score or all rows have the same
 */
export async function tryRows({ bundle, encoder, session }: OpenBundle): Promise<void> {
  const rows = await rowsOf({ bundle, encoder, session }, documents);
  const alone: number[] = [];
  for (const row of rows) alone.push(await scoreAlone({ bundle, session }, row));
  checkDistinct(bundle, alone);
  const order = rows.map((_, index) => index);
  for (const indices of [order, order.toReversed()]) {
    const logits = await scoreTogether(
      session,
      indices.map((index) => rows[index] as Row),
    );
    indices.forEach((index, at) => checkSame(bundle, alone[index] ?? NaN, logits[at] ?? NaN));
  }
}

/**
 * Scores the longest row that the manifest allows. The graph may support fewer positions.
 * @throws BundleError
 */
export async function tryLongestRow({ bundle, encoder, session }: OpenBundle): Promise<void> {
  const { maxLengthTokens } = bundle.manifest;
  const [row] = await rowsOf({ bundle, encoder, session }, ['Mars 火星 4 '.repeat(maxLengthTokens)]);
  try {
    await session.score([row as Row]);
  } catch (error) {
    throw new BundleError(
      `${messageOf(error)} at its longest row, of ${maxLengthTokens} tokens: give a smaller --max-length, or correct max_position_embeddings in config.json`,
    );
  }
}

async function rowsOf({ bundle, encoder, session }: OpenBundle, texts: readonly string[]): Promise<Row[]> {
  const encoded = encodePairs(encoder, { query, documents: texts });
  if (!encoded.ok) {
    throw new BundleError(`${nameOf(bundle)}: test texts do not fit: ${encoded.failure.message}`);
  }
  const prepared = await session.prepare(encoded.query);
  return encoded.documents.map((document) => ({ query: prepared, document }));
}

async function scoreAlone({ bundle, session }: Omit<OpenBundle, 'encoder'>, row: Row): Promise<number> {
  try {
    const [logit = NaN] = await session.score([row]);
    return logit;
  } catch (error) {
    if (!(error instanceof InvalidScoreError)) throw error;
    const { keptTokens } = row.document;
    throw new BundleError(`${nameOf(bundle)}: its value is not a number for a document of ${keptTokens} tokens`);
  }
}

/** Rejects equal scores for all documents, as from a graph that ignores the text or a softmax over one label. */
function checkDistinct(bundle: Bundle, logits: readonly number[]): void {
  const [first = NaN] = logits;
  if (logits.some((logit) => logit !== first)) return;
  throw new BundleError(
    `${nameOf(bundle)}: it gives the value ${first.toPrecision(5)} to ${logits.length} different documents, so it cannot rank`,
  );
}

/** Scores the rows in calls of as many rows as the manifest allows. */
async function scoreTogether(session: Session, rows: readonly Row[]): Promise<number[]> {
  const { maxRows } = session.traits;
  const logits: number[] = [];
  for (let at = 0; at < rows.length; at += maxRows) {
    const call = rows.slice(at, at + maxRows);
    try {
      logits.push(...(await session.score(call)));
    } catch (error) {
      throw new SharedCallError(`${messageOf(error)} at a call of ${call.length} rows`);
    }
  }
  return logits;
}

function checkSame(bundle: Bundle, alone: number, shared: number): void {
  const { golden, sameMachine } = bundle.manifest.tolerance;
  const isSame = Math.abs(sigmoid(alone) - sigmoid(shared)) <= sameMachine && Math.abs(alone - shared) <= golden.raw;
  if (isSame) return;
  const [one, other] = [alone, shared].map((logit) => logit.toPrecision(5));
  throw new SharedCallError(
    `${nameOf(bundle)}: the value of a row depends on the other rows of a call (${one} alone, ${other} with others)`,
  );
}

const nameOf = ({ manifest }: Bundle): string => `${manifest.name}@${manifest.version}`;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
