import type { EncodedQuery } from './encoding';
import type { GraphCall, GraphOutputs } from './graph';
import { createLateInteractionHead, type PreparedQuery } from './late-interaction';
import type { Manifest } from './manifest';
import type { Row, SessionTraits } from './session';

/**
 * How one kind of model turns ids into a call of its graph and the outputs into logits. Pure: whoever runs the graph
 * supplies the outputs.
 */
export interface Head<Prepared> {
  readonly traits: SessionTraits;
  /** The call that prepares a query. */
  prepareCall(query: EncodedQuery): GraphCall;
  /** What is kept of that call's outputs. @throws InvalidScoreError */
  prepared(query: EncodedQuery, outputs: GraphOutputs): Prepared;
  /** The call that scores rows. @throws RangeError for rows that the graph would misread */
  scoreCall(rows: readonly Row<Prepared>[]): GraphCall;
  /** Logits in float64, in the order of the rows. @throws InvalidScoreError */
  logits(rows: readonly Row<Prepared>[], outputs: GraphOutputs): Float64Array;
}

/** The head that the manifest names. */
export function createHead(manifest: Manifest): Head<PreparedQuery> {
  return createLateInteractionHead(manifest);
}
