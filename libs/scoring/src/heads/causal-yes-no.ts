import { cachedQueryOf, layerName, type CacheNames, type CausalYesNoManifest } from '../manifest/manifest';
import { checkRows, InvalidScoreError, type Row } from '../session/session';
import {
  finiteLogits,
  joinedRows,
  outputOf,
  padRows,
  positionsOf,
  type Feed,
  type GraphOutputs,
  type Int64Feed,
  type PaddedRows,
} from './graph';
import type { Head } from './head';
import { probeDocument, probeQuery } from './probe';

/** Keys and values of one layer, each [1, heads, tokens, headSize]. */
interface CachedLayer {
  key: Float32Array;
  value: Float32Array;
}

/** A query and, if the graph takes them, the keys and values of its tokens. */
export interface CachedQuery {
  ids: Int32Array;
  layers: readonly CachedLayer[];
}

/** The inputs that describe the tokens before the rows. */
interface Past {
  tokens: number;
  layers: readonly CachedLayer[];
}

const noPast: Past = { tokens: 0, layers: [] };

/**
 * A language model that answers whether the document matches the query (Qwen3-Reranker; Zhang et al. 2025). The logit
 * is that of "yes" minus that of "no" after the last token; its sigmoid equals the softmax over the two. Rows are
 * padded on the right and the last real column is read, which works with every kind of export. Graphs with
 * GroupQueryAttention misread rows that are padded on the left.
 *
 * If the graph takes keys and values of earlier tokens, those of the query's part are computed once.
 */
export function createCausalYesNoHead(manifest: CausalYesNoManifest): Head<CachedQuery> {
  const { template, vocabularySize, outputs } = manifest;
  const cache = cachedQueryOf(manifest);
  const traits = { mixesQueries: cache === undefined, maxRows: cache?.oneRow === true ? 1 : manifest.maxRows };
  return {
    traits,
    probe: {
      query: probeQuery(template.prefixIds),
      document: probeDocument([vocabularySize - 1, ...template.suffixIds]),
    },
    prepareCall(query) {
      if (cache === undefined) return undefined;
      return { feeds: feedsOf(manifest, padRows([query.ids], manifest), noPast), fetches: presentNames(cache) };
    },
    prepared: ({ ids }, results) => ({ ids, layers: cache === undefined ? [] : layersOf(cache, ids.length, results) }),
    preparedBytes: ({ ids, layers }) =>
      layers.reduce((sum, { key, value }) => sum + key.byteLength + value.byteLength, ids.byteLength),
    scoreCall(rows) {
      checkRows(rows, traits);
      const feeds = cache === undefined ? wholeRows(manifest, rows) : continuedRows(manifest, rows);
      return { feeds, fetches: [outputs.logits] };
    },
    logits: (rows, results) => finiteLogits(yesMinusNo(manifest, rows, results)),
  };
}

function wholeRows(manifest: CausalYesNoManifest, rows: readonly Row<CachedQuery>[]): Record<string, Feed> {
  return feedsOf(manifest, padRows(joinedRows(rows), manifest), noPast);
}

/** Rows with only the documents' parts, after the cached part of their one query. */
function continuedRows(manifest: CausalYesNoManifest, rows: readonly Row<CachedQuery>[]): Record<string, Feed> {
  const query = rows[0]?.query ?? { ids: new Int32Array(), layers: [] };
  const tokens = query.ids.length;
  const limits = { ...manifest, maxLengthTokens: manifest.maxLengthTokens - tokens };
  const documents = rows.map((row) => row.document.ids);
  return feedsOf(manifest, padRows(documents, limits), { tokens, layers: query.layers });
}

function feedsOf(manifest: CausalYesNoManifest, rows: PaddedRows, past: Past): Record<string, Feed> {
  const { inputs, cache } = manifest;
  const feeds: Record<string, Feed> = {
    [inputs.inputIds]: rows.ids,
    [inputs.attentionMask]: maskAfter(rows, past.tokens),
  };
  if (inputs.positionIds !== undefined) {
    feeds[inputs.positionIds] = positionsOf(rows.count, rows.length, past.tokens);
  }
  if (inputs.lastTokens !== undefined) feeds[inputs.lastTokens] = placesOf(rows.lengths);
  if (cache === undefined) return feeds;
  for (let layer = 0; layer < cache.layers; layer++) {
    const { key, value } = past.layers[layer] ?? { key: new Float32Array(), value: new Float32Array() };
    feeds[layerName(cache.pastKey, layer)] = pastFeed(cache, key, rows.count);
    feeds[layerName(cache.pastValue, layer)] = pastFeed(cache, value, rows.count);
  }
  return feeds;
}

/** Row and column of each row's last token. */
function placesOf(lengths: readonly number[]): Int64Feed {
  const data = BigInt64Array.from(lengths.flatMap((length, row) => [BigInt(row), BigInt(length - 1)]));
  return { type: 'int64', data, dims: [lengths.length, 1, 2] };
}

/** The rows' mask, preceded by the earlier tokens, none of which is masked. */
function maskAfter({ mask, count, length }: PaddedRows, pastTokens: number): Int64Feed {
  if (pastTokens === 0) return mask;
  const width = pastTokens + length;
  const data = new BigInt64Array(count * width);
  for (let row = 0; row < count; row++) {
    data.fill(1n, row * width, row * width + pastTokens);
    data.set(mask.data.subarray(row * length, (row + 1) * length), row * width + pastTokens);
  }
  return { type: 'int64', data, dims: [count, width] };
}

/** The keys or values of one layer, the same for every row. */
function pastFeed(cache: CacheNames, values: Float32Array, rows: number): Feed {
  const { keyValueHeads, headSize } = cache;
  const dims = [rows, keyValueHeads, values.length / (keyValueHeads * headSize), headSize];
  // half precision is never cached, only passed empty
  if (cache.dtype === 'float16') return { type: 'float16', data: new Uint16Array(), dims };
  const data = new Float32Array(rows * values.length);
  for (let row = 0; row < rows; row++) data.set(values, row * values.length);
  return { type: 'float32', data, dims };
}

function presentNames({ layers, presentKey, presentValue }: CacheNames): string[] {
  return Array.from({ length: layers }, (_, layer) => [
    layerName(presentKey, layer),
    layerName(presentValue, layer),
  ]).flat();
}

function layersOf(cache: CacheNames, tokens: number, results: GraphOutputs): CachedLayer[] {
  const dims = [1, cache.keyValueHeads, tokens, cache.headSize];
  const read = (name: string, layer: number): Float32Array => {
    const values = outputOf(results, layerName(name, layer), dims);
    if (!values.every(Number.isFinite))
      throw new InvalidScoreError('the model returned a key or value that is not finite');
    return values;
  };
  return Array.from({ length: cache.layers }, (_, layer) => ({
    key: read(cache.presentKey, layer),
    value: read(cache.presentValue, layer),
  }));
}

/** Reads the last real column of each row, or the only one that the graph returns. */
function yesMinusNo(
  manifest: CausalYesNoManifest,
  rows: readonly Row<CachedQuery>[],
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
