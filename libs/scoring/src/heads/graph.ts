import type { EncodedDocument } from '../encoders/encoder';
import { InvalidScoreError } from '../session/session';

/** One input of a graph, ready to become a tensor. */
export type Feed =
  | { type: 'int64'; data: BigInt64Array; dims: readonly number[] }
  | { type: 'float32'; data: Float32Array; dims: readonly number[] }
  /** The bits of half-precision numbers. */
  | { type: 'float16'; data: Uint16Array; dims: readonly number[] };

export type Int64Feed = Extract<Feed, { type: 'int64' }>;

/** One run of a graph: its inputs by name, and the outputs to fetch. */
export interface GraphCall {
  feeds: Readonly<Record<string, Feed>>;
  fetches: readonly string[];
}

/** Fetched outputs by name; half precision has been widened. */
export type GraphOutputs = Readonly<Record<string, { data: Float32Array; dims: readonly number[] }>>;

/** Rows of token ids as a graph takes them: one length, short rows filled on the right and masked there. */
export interface PaddedRows {
  ids: Int64Feed;
  mask: Int64Feed;
  /** How many rows. */
  count: number;
  /** Length of every row. */
  length: number;
  /** Tokens of each row that are not masked. */
  lengths: number[];
}

export interface RowLimits {
  paddingId: number;
  vocabularySize: number;
  maxLengthTokens: number;
}

/**
 * Pads rows to the longest one.
 * @throws RangeError for a row that is empty or too long, or an id that the embedding lacks: the graph itself reads a
 * negative id as the last row, without an error.
 */
export function padRows(rows: readonly Int32Array[], limits: RowLimits): PaddedRows {
  const lengths = rows.map((row) => checkedLength(row, limits));
  const length = Math.max(...lengths);
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(limits.paddingId));
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, index) => {
    row.forEach((id, column) => (ids[index * length + column] = BigInt(id)));
    mask.fill(1n, index * length, index * length + row.length);
  });
  const dims = [rows.length, length];
  return {
    ids: { type: 'int64', data: ids, dims },
    mask: { type: 'int64', data: mask, dims },
    count: rows.length,
    length,
    lengths,
  };
}

function checkedLength(row: Int32Array, limits: RowLimits): number {
  if (row.length === 0 || row.length > limits.maxLengthTokens) {
    throw new RangeError(`a row of ${row.length} tokens; the model reads 1 to ${limits.maxLengthTokens}`);
  }
  for (const id of row) {
    if (id < 0 || id >= limits.vocabularySize) {
      throw new RangeError(`token id ${id}; the model has ids 0 to ${limits.vocabularySize - 1}`);
    }
  }
  return row.length;
}

/**
 * An output, checked for its shape.
 * @throws Error naming the output, the shape found and the one wanted.
 */
export function outputOf(outputs: GraphOutputs, name: string, dims: readonly number[]): Float32Array {
  const output = outputs[name];
  if (output === undefined) throw new Error(`the model gave no output ${name}`);
  if (output.dims.join() !== dims.join()) {
    throw new Error(`output ${name} has the shape [${output.dims.join()}], not [${dims.join()}]`);
  }
  return output.data;
}

/** Query and document as one row of ids each. */
export function joinedRows(rows: readonly { query: { ids: Int32Array }; document: EncodedDocument }[]): Int32Array[] {
  return rows.map(({ query, document }) => {
    const row = new Int32Array(query.ids.length + document.ids.length);
    row.set(query.ids);
    row.set(document.ids, query.ids.length);
    return row;
  });
}

/** Where each token stands: `first` to `first + length - 1` in every row. Columns that are masked count too. */
export function positionsOf(rows: number, length: number, first = 0): Int64Feed {
  const data = BigInt64Array.from({ length: rows * length }, (_, index) => BigInt(first + (index % length)));
  return { type: 'int64', data, dims: [rows, length] };
}

/** The values, all of them finite. @throws InvalidScoreError with all of them */
export function finiteLogits(values: ArrayLike<number>): Float64Array {
  const logits = Float64Array.from(values);
  if (!logits.every(Number.isFinite)) throw new InvalidScoreError('the model gave a score that is not finite', logits);
  return logits;
}

/** The model has several labels, of which none alone is a relevance score. */
export class LabelCountError extends Error {
  override name = 'LabelCountError';

  constructor(readonly labels: number) {
    super(`the model has ${labels} labels where the head needs 1`);
  }
}
