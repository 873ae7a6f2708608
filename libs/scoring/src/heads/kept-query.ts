import {
  cachedQueryOf,
  layerName,
  type CacheNames,
  type CausalYesNoManifest,
  type SequenceClassificationManifest,
} from '../manifest/manifest';
import { checkRows, InvalidScoreError, type KnownStart, type Row, type SessionTraits } from '../session/session';
import {
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

/** A query and, if the graph takes them, the keys and values of its tokens. */
export interface KeptQuery {
  ids: Int32Array;
  /** Keys, then values, of one layer after the other: [layers, 2, heads, tokens, headSize]. */
  keysAndValues: Float32Array;
}

/** What a head with rows of query and document does with queries, with or without keys and values. */
export interface KeptQueries extends Omit<Head<KeptQuery>, 'probe' | 'scoreCall' | 'logits'> {
  /** The inputs of a call. @throws RangeError */
  feedsOf(rows: readonly Row<KeptQuery>[]): { feeds: Record<string, Feed>; padded: PaddedRows };
}

/**
 * Rows of query and document for a causal model. If its graph takes keys and values of earlier tokens, those of the
 * query's part are computed once, and rows have only the document's part.
 */
export function keepQueries(manifest: CausalYesNoManifest | SequenceClassificationManifest): KeptQueries {
  const cache = cachedQueryOf(manifest);
  const traits: SessionTraits = {
    mixesQueries: cache === undefined,
    maxRows: cache?.oneRow === true ? 1 : manifest.maxRows,
  };
  // with one row per call, one scale of activations may cover the call: then keys and values depend on all its tokens
  const canContinue = manifest.maxRows > 1;
  return {
    traits,
    prepareCall(query, start) {
      if (cache === undefined) return undefined;
      const past = start === undefined || !canContinue ? noPast : firstTokens(cache, start);
      const rows = padRows([query.ids.subarray(past.tokens)], limitsAfter(manifest, past.tokens));
      return { feeds: inputsOf(manifest, rows, past), fetches: presentNames(cache) };
    },
    prepared: ({ ids }, results) => ({
      ids,
      keysAndValues: cache === undefined ? new Float32Array() : presentOf(cache, ids.length, results),
    }),
    preparedBytes: ({ ids, keysAndValues }) => ids.byteLength + keysAndValues.byteLength,
    feedsOf(rows) {
      checkRows(rows, traits);
      const past = cache === undefined ? noPast : pastOf(rows[0]?.query);
      const ids = cache === undefined ? joinedRows(rows) : rows.map(({ document }) => document.ids);
      const padded = padRows(ids, limitsAfter(manifest, past.tokens));
      return { feeds: inputsOf(manifest, padded, past), padded };
    },
  };
}

/** The tokens before the rows of a call, the same for all rows. */
interface Past {
  tokens: number;
  keysAndValues: Float32Array;
}

const noPast: Past = { tokens: 0, keysAndValues: new Float32Array() };

function pastOf(query: KeptQuery | undefined): Past {
  return query === undefined ? noPast : { tokens: query.ids.length, keysAndValues: query.keysAndValues };
}

function limitsAfter<Limits extends { maxLengthTokens: number }>(manifest: Limits, pastTokens: number): Limits {
  return { ...manifest, maxLengthTokens: manifest.maxLengthTokens - pastTokens };
}

function inputsOf(
  { inputs, cache }: Pick<CausalYesNoManifest, 'inputs' | 'cache'>,
  rows: PaddedRows,
  past: Past,
): Record<string, Feed> {
  const feeds: Record<string, Feed> = {
    [inputs.inputIds]: rows.ids,
    [inputs.attentionMask]: maskAfter(rows, past.tokens),
  };
  if (inputs.positionIds !== undefined) {
    feeds[inputs.positionIds] = positionsOf(rows.count, rows.length, past.tokens);
  }
  if (inputs.lastTokens !== undefined) feeds[inputs.lastTokens] = placesOf(rows.lengths);
  if (cache === undefined) return feeds;
  const size = cache.keyValueHeads * past.tokens * cache.headSize;
  partNames(cache, 'past').forEach((name, part) => {
    feeds[name] = pastFeed(cache, past.keysAndValues.subarray(part * size, (part + 1) * size), rows.count);
  });
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

/** The keys or values of one layer: once, or the same for every row. */
function pastFeed(cache: CacheNames, values: Float32Array, rows: number): Feed {
  const { keyValueHeads, headSize, sharesPast = false } = cache;
  const copies = sharesPast ? 1 : rows;
  const dims = [copies, keyValueHeads, values.length / (keyValueHeads * headSize), headSize];
  // half precision is never cached, only passed empty
  if (cache.dtype === 'float16') return { type: 'float16', data: new Uint16Array(), dims };
  if (copies === 1) return { type: 'float32', data: values, dims };
  const data = new Float32Array(copies * values.length);
  for (let row = 0; row < copies; row++) data.set(values, row * values.length);
  return { type: 'float32', data, dims };
}

/** Keys and values of the first tokens of a query that is known. */
function firstTokens(
  { headSize }: CacheNames,
  { prepared: { ids, keysAndValues: all }, tokens }: KnownStart<KeptQuery>,
): Past {
  if (tokens === ids.length) return { tokens, keysAndValues: all };
  const [from, to] = [ids.length * headSize, tokens * headSize];
  const heads = all.length / from;
  const keysAndValues = new Float32Array(heads * to);
  for (let head = 0; head < heads; head++) {
    keysAndValues.set(all.subarray(head * from, head * from + to), head * to);
  }
  return { tokens, keysAndValues };
}

/** Names of the keys and values of all layers, in the order of {@link KeptQuery}. */
function partNames(cache: CacheNames, when: 'past' | 'present'): string[] {
  const [key, value] = when === 'past' ? [cache.pastKey, cache.pastValue] : [cache.presentKey, cache.presentValue];
  return Array.from({ length: cache.layers }, (_, layer) => [layerName(key, layer), layerName(value, layer)]).flat();
}

const presentNames = (cache: CacheNames): string[] => partNames(cache, 'present');

function presentOf(cache: CacheNames, tokens: number, results: GraphOutputs): Float32Array {
  const dims = [1, cache.keyValueHeads, tokens, cache.headSize];
  const names = presentNames(cache);
  const size = cache.keyValueHeads * tokens * cache.headSize;
  const keysAndValues = new Float32Array(names.length * size);
  names.forEach((name, part) => keysAndValues.set(outputOf(results, name, dims), part * size));
  // one pass over millions of values: 0 times a number is 0, and NaN otherwise
  let check = 0;
  for (const value of keysAndValues) check += 0 * value;
  if (check !== 0) throw new InvalidScoreError('the model returned a key or value that is not finite');
  return keysAndValues;
}
