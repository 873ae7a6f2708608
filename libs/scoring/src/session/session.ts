import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';

/** The properties of a session that matter for batches. */
export interface SessionTraits {
  /** Whether rows of different queries may share a call. */
  mixesQueries: boolean;
  /** Maximum number of rows per call. */
  maxRows: number;
}

/** A document with its prepared query. */
export interface Row<Prepared = unknown> {
  query: Prepared;
  document: EncodedDocument;
}

/** The first tokens of a query, fewer than all, that another prepared query begins with too. */
export interface KnownStart<Prepared> {
  prepared: Prepared;
  tokens: number;
}

/**
 * A loaded model, with any head. A query is prepared once and then scored against any number of documents. A document's
 * logit does not depend on the other rows of its call, within the manifest's tolerance.
 */
export interface Session<Prepared = unknown> {
  readonly traits: SessionTraits;
  /**
   * The work that all documents of a query share. What is known of its first tokens is not computed again, if the head
   * can use it. The result is valid until the session closes.
   */
  prepare(query: EncodedQuery, start?: KnownStart<Prepared>): Promise<Prepared>;
  /** Memory of a prepared query. */
  preparedBytes(prepared: Prepared): number;
  /**
   * Logits in the order of the rows; a score is the sigmoid of its logit.
   * @throws RangeError for no rows, more rows than the traits allow, or rows of several queries if these may not mix;
   * InvalidScoreError, with all logits, if the model returns a value that is not finite.
   */
  score(rows: readonly Row<Prepared>[]): Promise<Float64Array>;
  /** Frees the model. Later calls are rejected. Closing twice has no effect. */
  close(): Promise<void>;
}

/** The model returned NaN or an infinity. */
export class InvalidScoreError extends Error {
  override name = 'InvalidScoreError';

  constructor(
    message: string,
    /** The result of a call of `score` for each row, so that valid rows need no second call. Absent for a query. */
    readonly logits?: Float64Array,
  ) {
    super(message);
  }
}

/**
 * Makes the checks of rows that {@link Session.score} promises.
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
