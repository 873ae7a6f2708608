import type { EncodedDocument, EncodedQuery } from '../encoders/encoder';
import type { Row, SessionTraits } from '../session/session';
import type { GraphCall, GraphOutputs } from './graph';

/**
 * How one kind of model turns ids into a call of its graph and the outputs into logits. Pure: whoever runs the graph
 * supplies the outputs.
 */
export interface Head<Prepared> {
  readonly traits: SessionTraits;
  /** A pair that holds the vocabulary's last id: a graph of another model fails on it before the first request. */
  readonly probe: { query: EncodedQuery; document: EncodedDocument };
  /** The call that prepares a query; undefined where nothing can be shared between its documents. */
  prepareCall(query: EncodedQuery): GraphCall | undefined;
  /** What is kept of that call's outputs, which are empty when there was none. @throws InvalidScoreError */
  prepared(query: EncodedQuery, outputs: GraphOutputs): Prepared;
  /** Memory that a prepared query holds. */
  preparedBytes(prepared: Prepared): number;
  /** The call that scores rows. @throws RangeError for rows that the graph would misread */
  scoreCall(rows: readonly Row<Prepared>[]): GraphCall;
  /** Logits in float64, in the order of the rows. @throws InvalidScoreError, LabelCountError */
  logits(rows: readonly Row<Prepared>[], outputs: GraphOutputs): Float64Array;
}
