import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';
import type { KnownStart, Row, SessionTraits } from '../session/session';
import type { GraphCall, GraphOutputs } from './graph';

/**
 * Converts ids into a call of the graph, and its outputs into logits, for one kind of model. Pure: the caller runs the
 * graph and passes the outputs.
 */
export interface Head<Prepared> {
  readonly traits: SessionTraits;
  /** A pair with the vocabulary's last id: the graph of another model fails on it before the first request. */
  readonly probe: { query: EncodedQuery; document: EncodedDocument };
  /**
   * The call that prepares a query; undefined if its documents share no work. A head that can continue from a known
   * start computes only the tokens after it.
   */
  prepareCall(query: EncodedQuery, start?: KnownStart<Prepared>): GraphCall | undefined;
  /** What is kept of that call's outputs (empty if there was no call). @throws InvalidScoreError */
  prepared(query: EncodedQuery, outputs: GraphOutputs): Prepared;
  /** Memory of a prepared query. */
  preparedBytes(prepared: Prepared): number;
  /** The call that scores rows. @throws RangeError for rows that the graph would misread */
  scoreCall(rows: readonly Row<Prepared>[]): GraphCall;
  /** Logits in float64, in the order of the rows. @throws InvalidScoreError, LabelCountError */
  logits(rows: readonly Row<Prepared>[], outputs: GraphOutputs): Float64Array;
}
