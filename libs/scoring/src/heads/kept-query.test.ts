import type { CausalYesNoManifest } from '../manifest/manifest';
import { readFixtureManifest } from '../testing';
import { keepQueries } from './kept-query';

const manifest = readFixtureManifest('tiny-qwen3', 'kv') as CausalYesNoManifest;
const ids = Int32Array.of(5, 6, 7, 8);
const query = { key: 'query', ids, tokens: ids.length };
const { layers, keyValueHeads, headSize } = manifest.cache as NonNullable<CausalYesNoManifest['cache']>;
const known = {
  prepared: { ids: ids.slice(0, 3), keysAndValues: new Float32Array(layers * 2 * keyValueHeads * 3 * headSize) },
  tokens: 2,
};

test.each([
  ['computes only the tokens after a known start', 64, [7n, 8n]],
  ['computes all tokens where a scale may cover the whole call', 1, [5n, 6n, 7n, 8n]],
])('preparing a query %s', (_what, maxRows, wanted) => {
  const call = keepQueries({ ...manifest, maxRows }).prepareCall(query, known);
  expect([...(call?.feeds[manifest.inputs.inputIds]?.data ?? [])]).toEqual(wanted);
});
