import type { EncodedQuery } from './encoding';
import { outputOf, padRows, type Feed, type PaddedRows } from './graph';
import type { Head } from './head';
import type { LateInteractionManifest } from './manifest';
import { checkRows, InvalidScoreError, type Row } from './session';

/** A query's token vectors, one after the other. */
export interface PreparedQuery {
  vectors: Float32Array;
  /** How many vectors, at least 1. */
  count: number;
}

/**
 * Late interaction (MaxSim; Khattab and Zaharia 2020): the query's token vectors are computed once; a document's raw
 * score is the mean, over the query's vectors, of the best cosine with any of its tokens. logit = slope * (raw - midpoint).
 */
export function createLateInteractionHead(manifest: LateInteractionManifest): Head<PreparedQuery> {
  const { inputs, outputs: names, vectorSize } = manifest;
  const traits = { mixesQueries: true, maxRows: manifest.maxRows };
  return {
    traits,
    prepareCall(query) {
      const nothing = padQueries([{ vectors: new Float32Array(vectorSize), count: 1 }], vectorSize);
      // The query is read on its own, so the score of this call has no meaning: nothing counts in it.
      nothing.mask.data.fill(0n);
      return {
        feeds: feedsOf(padRows([query.ids], manifest), nothing, inputs),
        fetches: [names.tokenVectors],
      };
    },
    prepared(query, outputs) {
      const all = outputOf(outputs, names.tokenVectors, [1, query.ids.length, vectorSize]);
      const { first, count } = ownTokens(query, manifest);
      const vectors = all.slice(first * vectorSize, (first + count) * vectorSize);
      if (!vectors.every(Number.isFinite))
        throw new InvalidScoreError('the model gave a query vector that is not finite');
      return { vectors, count };
    },
    scoreCall(rows) {
      checkRows(rows, traits);
      const queries = padQueries(
        rows.map((row) => row.query),
        vectorSize,
      );
      return {
        feeds: feedsOf(
          padRows(
            rows.map((row) => row.document.ids),
            manifest,
          ),
          queries,
          inputs,
        ),
        fetches: [names.score],
      };
    },
    logits: (rows, outputs) => calibrated(rows, outputOf(outputs, names.score, [rows.length]), manifest),
  };
}

function feedsOf(
  rows: PaddedRows,
  queries: PaddedQueries,
  names: LateInteractionManifest['inputs'],
): Record<string, Feed> {
  return {
    [names.inputIds]: rows.ids,
    [names.attentionMask]: rows.mask,
    [names.queryVectors]: queries.vectors,
    [names.queryMask]: queries.mask,
  };
}

/** Which vectors of a query count: those of its own text; for an empty text the last of the template's. */
function ownTokens(query: EncodedQuery, { template }: LateInteractionManifest): { first: number; count: number } {
  const { prefixIds, suffixIds } = template.query;
  const count = query.ids.length - prefixIds.length - suffixIds.length;
  return count > 0 ? { first: prefixIds.length, count } : { first: query.ids.length - 1, count: 1 };
}

function calibrated(
  rows: readonly Row[],
  raw: Float32Array,
  { calibration: { slope, midpoint } }: LateInteractionManifest,
): Float64Array {
  return Float64Array.from(rows, (_row, index) => {
    const value = raw[index] ?? NaN;
    if (!Number.isFinite(value)) throw new InvalidScoreError('the model gave a score that is not finite');
    return slope * (value - midpoint);
  });
}

interface PaddedQueries {
  vectors: Feed;
  mask: Extract<Feed, { type: 'int64' }>;
}

function padQueries(queries: readonly PreparedQuery[], vectorSize: number): PaddedQueries {
  const length = Math.max(...queries.map((query) => query.count));
  const vectors = new Float32Array(queries.length * length * vectorSize);
  const mask = new BigInt64Array(queries.length * length);
  queries.forEach((query, index) => {
    vectors.set(query.vectors, index * length * vectorSize);
    mask.fill(1n, index * length, index * length + query.count);
  });
  return {
    vectors: { type: 'float32', data: vectors, dims: [queries.length, length, vectorSize] },
    mask: { type: 'int64', data: mask, dims: [queries.length, length] },
  };
}
