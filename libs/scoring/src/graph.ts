/** One input of a graph, ready to become a tensor. */
export type Feed =
  | { type: 'int64'; data: BigInt64Array; dims: readonly number[] }
  | { type: 'float32'; data: Float32Array; dims: readonly number[] };

/** One run of a graph: its inputs by name, and the outputs to fetch. */
export interface GraphCall {
  feeds: Readonly<Record<string, Feed>>;
  fetches: readonly string[];
}

/** Fetched outputs by name. */
export type GraphOutputs = Readonly<Record<string, { data: Float32Array; dims: readonly number[] }>>;

/** Rows of token ids as a graph takes them: one length, short rows filled on the right and masked there. */
export interface PaddedRows {
  ids: Feed;
  mask: Feed;
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
  const length = Math.max(...rows.map((row) => checkedLength(row, limits)));
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(limits.paddingId));
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, index) => {
    row.forEach((id, column) => (ids[index * length + column] = BigInt(id)));
    mask.fill(1n, index * length, index * length + row.length);
  });
  const dims = [rows.length, length];
  return { ids: { type: 'int64', data: ids, dims }, mask: { type: 'int64', data: mask, dims } };
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
