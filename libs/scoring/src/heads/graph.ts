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

/** Fetched outputs by name. Half precision has been widened. */
export type GraphOutputs = Readonly<Record<string, { data: Float32Array; dims: readonly number[] }>>;

/** Rows of token ids in a graph's form: equal length, short rows padded on the right and masked there. */
export interface PaddedRows {
  ids: Int64Feed;
  mask: Int64Feed;
  /** Number of rows. */
  count: number;
  /** Length of every row. */
  length: number;
  /** Number of unmasked tokens per row. */
  lengths: number[];
}

export interface RowLimits {
  paddingId: number;
  vocabularySize: number;
  maxLengthTokens: number;
}

/**
 * Pads rows to the longest one.
 * @throws RangeError for a row that is empty or too long, or an id outside of the embedding. The graph itself reads a
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
 * Returns an output after a check of its shape.
 * @throws Error with the output's name, the actual and the expected shape.
 */
export function outputOf(outputs: GraphOutputs, name: string, dims: readonly number[]): Float32Array {
  const output = outputs[name];
  if (output === undefined) throw new Error(`the model returned no output ${name}`);
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

/** The position of each token: `first` to `first + length - 1` in every row, masked columns included. */
export function positionsOf(rows: number, length: number, first = 0): Int64Feed {
  const data = BigInt64Array.from({ length: rows * length }, (_, index) => BigInt(first + (index % length)));
  return { type: 'int64', data, dims: [rows, length] };
}

/** The values as float64. @throws InvalidScoreError with all of them if one is not finite */
export function finiteLogits(values: ArrayLike<number>): Float64Array {
  const logits = Float64Array.from(values);
  if (!logits.every(Number.isFinite))
    throw new InvalidScoreError('the model returned a score that is not finite', logits);
  return logits;
}

/** The model has several labels. None of them alone is a relevance score. */
export class LabelCountError extends Error {
  override name = 'LabelCountError';

  constructor(readonly labels: number) {
    super(`the model has ${labels} labels where the head needs 1`);
  }
}
