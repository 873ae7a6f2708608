import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';

/** What a batcher must know of a session. */
export interface SessionTraits {
  /** Whether rows of different queries may share a call. */
  mixesQueries: boolean;
  /** Most rows in one call. */
  maxRows: number;
}

/** A document with its prepared query. */
export interface Row<Prepared = unknown> {
  query: Prepared;
  document: EncodedDocument;
}

/**
 * A model that is loaded and can score, whatever its head. A query is prepared once, then scored against any number of
 * documents. A document's logit does not depend on the rows beside it, to the manifest's tolerance.
 */
export interface Session<Prepared = unknown> {
  readonly traits: SessionTraits;
  /** The part of the work that all documents of a query share. The result stays valid until the session closes. */
  prepare(query: EncodedQuery): Promise<Prepared>;
  /** Memory that a prepared query holds. */
  preparedBytes(prepared: Prepared): number;
  /**
   * Logits in the order of the rows; the score is their sigmoid.
   * @throws RangeError for no rows, more rows than the traits allow, or rows of several queries where these do not mix;
   * InvalidScoreError, with all logits, when the model gives a value that is not finite.
   */
  score(rows: readonly Row<Prepared>[]): Promise<Float64Array>;
  /** Frees the model. Calls after it are rejected; closing twice is harmless. */
  close(): Promise<void>;
}

/** The model gave NaN or an infinity, which is no score. */
export class InvalidScoreError extends Error {
  override name = 'InvalidScoreError';

  constructor(
    message: string,
    /** What a call of `score` gave for each row, so that the good rows need no second call. Absent for a query. */
    readonly logits?: Float64Array,
  ) {
    super(message);
  }
}

/**
 * Checks what {@link Session.score} promises to check of its rows.
 * @throws RangeError
 */
export function checkRows(rows: readonly Row[], traits: SessionTraits): void {
  if (rows.length === 0 || rows.length > traits.maxRows) {
    throw new RangeError(`a call of ${rows.length} rows; this session takes 1 to ${traits.maxRows}`);
  }
  if (!traits.mixesQueries && rows.some((row) => row.query !== rows[0]?.query)) {
    throw new RangeError('rows of different queries in one call, which this session does not take');
  }
}
