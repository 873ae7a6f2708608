import type { EncodedQuery } from '../encoders/encoder';
import { finiteLogits, outputOf, padRows, type Feed, type Int64Feed, type PaddedRows } from './graph';
import type { Head } from './head';
import { probeDocument, probeQuery } from './probe';
import type { LateInteractionManifest } from '../manifest/manifest';
import { checkRows, InvalidScoreError } from '../session/session';

/** A query's token vectors, concatenated. */
export interface QueryVectors {
  vectors: Float32Array;
  /** Number of vectors, at least 1. */
  count: number;
}

/**
 * Late interaction (MaxSim; Khattab and Zaharia 2020). The query's token vectors are computed once. A document's raw
 * score is the mean, over the query's vectors, of the best cosine with any of its tokens. logit = slope * (raw -
 * midpoint).
 */
export function createLateInteractionHead(manifest: LateInteractionManifest): Head<QueryVectors> {
  const { inputs, outputs: names, vectorSize, template } = manifest;
  const lastId = manifest.vocabularySize - 1;
  const { slope, midpoint } = manifest.calibration;
  const traits = { mixesQueries: true, maxRows: manifest.maxRows };
  return {
    traits,
    probe: {
      query: probeQuery([...template.query.prefixIds, lastId, ...template.query.suffixIds]),
      document: probeDocument([...template.document.prefixIds, lastId, ...template.document.suffixIds]),
    },
    prepareCall(query) {
      const masked = padQueries([{ vectors: new Float32Array(vectorSize), count: 1 }], vectorSize);
      // The query is read as a document here, so the score of this call is meaningless; everything is masked.
      masked.mask.data.fill(0n);
      return {
        feeds: feedsOf(padRows([query.ids], manifest), masked, inputs),
        fetches: [names.tokenVectors],
      };
    },
    prepared(query, outputs) {
      const all = outputOf(outputs, names.tokenVectors, [1, query.ids.length, vectorSize]);
      const { first, count } = ownTokens(query, manifest);
      const vectors = all.slice(first * vectorSize, (first + count) * vectorSize);
      if (!vectors.every(Number.isFinite))
        throw new InvalidScoreError('the model returned a query vector that is not finite');
      return { vectors, count };
    },
    preparedBytes: ({ vectors }) => vectors.byteLength,
    scoreCall(rows) {
      checkRows(rows, traits);
      const documents = rows.map((row) => row.document.ids);
      const queries = rows.map((row) => row.query);
      const feeds = feedsOf(padRows(documents, manifest), padQueries(queries, vectorSize), inputs);
      return { feeds, fetches: [names.score] };
    },
    logits(rows, outputs) {
      const raw = outputOf(outputs, names.score, [rows.length]);
      return finiteLogits(Float64Array.from(raw, (value) => slope * (value - midpoint)));
    },
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

/** Which vectors of a query count: those of its own text; for an empty text, the last one of the template. */
function ownTokens(query: EncodedQuery, { template }: LateInteractionManifest): { first: number; count: number } {
  const { prefixIds, suffixIds } = template.query;
  const count = query.ids.length - prefixIds.length - suffixIds.length;
  return count > 0 ? { first: prefixIds.length, count } : { first: query.ids.length - 1, count: 1 };
}

interface PaddedQueries {
  vectors: Feed;
  mask: Int64Feed;
}

function padQueries(queries: readonly QueryVectors[], vectorSize: number): PaddedQueries {
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
