import { cachedQueryOf, type CausalYesNoManifest } from '../manifest/manifest';
import type { Row } from '../session/session';
import { finiteLogits, outputOf, type GraphOutputs } from './graph';
import type { Head } from './head';
import { keepQueries, type KeptQuery } from './kept-query';
import { probeDocument, probeQuery } from './probe';

/**
 * A language model that answers whether the document matches the query (Qwen3-Reranker; Zhang et al. 2025). The logit
 * is that of "yes" minus that of "no" after the last token; its sigmoid equals the softmax over the two. Rows are
 * padded on the right and the last real column is read, which works with every kind of export. Graphs with
 * GroupQueryAttention misread rows that are padded on the left.
 *
 * If the graph takes keys and values of earlier tokens, those of the query's part are computed once.
 */
export function createCausalYesNoHead(manifest: CausalYesNoManifest): Head<KeptQuery> {
  const { template, vocabularySize, outputs } = manifest;
  const { feedsOf, ...queries } = keepQueries(manifest);
  return {
    ...queries,
    probe: {
      query: probeQuery(template.prefixIds),
      document: probeDocument([vocabularySize - 1, ...template.suffixIds]),
    },
    scoreCall: (rows) => ({ feeds: feedsOf(rows).feeds, fetches: [outputs.logits] }),
    logits: (rows, results) => finiteLogits(yesMinusNo(manifest, rows, results)),
  };
}

/** Reads the last real column of each row, or the only one that the graph returns. */
function yesMinusNo(
  manifest: CausalYesNoManifest,
  rows: readonly Row<KeptQuery>[],
  results: GraphOutputs,
): Float64Array {
  const { answers, inputs, outputs, vocabularySize } = manifest;
  const givesLastOnly = inputs.lastTokens !== undefined;
  const isContinued = cachedQueryOf(manifest) !== undefined;
  const lengths = rows.map(({ query, document }) => document.ids.length + (isContinued ? 0 : query.ids.length));
  const length = givesLastOnly ? 1 : Math.max(...lengths);
  const logits = outputOf(results, outputs.logits, [rows.length, length, vocabularySize]);
  return Float64Array.from(lengths, (rowLength, row) => {
    const column = (row * length + (givesLastOnly ? 0 : rowLength - 1)) * vocabularySize;
    return (logits[column + answers.yes.id] ?? NaN) - (logits[column + answers.no.id] ?? NaN);
  });
}
