import { METHODS } from 'node:http';
import { parsePage } from '@rerank-fleet/metrics/testing';
import { endpointDeclarations } from './rank/endpoints';
import { call, startEdge, type TestEdge } from './testing';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge()));
afterAll(() => edge.close());

const labels = [...new Set(endpointDeclarations.map(({ endpoint }) => endpoint))];
/** Without CONNECT, which a server of Node's closes. */
const methods = METHODS.filter((method) => method !== 'CONNECT');

async function tryAll(methods: readonly string[], name: string): Promise<void> {
  const paths = [...labels.map((path) => path.replace(/\{\w+\}/, name)), `/${name}`, `/v1/${name}`, `/docs/../${name}`];
  for (const path of paths) await Promise.all(methods.map((method) => call(edge, { path, method })));
}

async function samples() {
  return parsePage(await edge.metricsPage()).samples;
}

test('the series of /metrics are bounded, whatever methods and paths a client tries', async () => {
  await tryAll(methods, 'one');
  const after = await samples();
  const pairs = new Set(after.flatMap(({ labels: { method, endpoint } }) => (method ? `${method} ${endpoint}` : [])));
  const own = endpointDeclarations.flatMap(({ method, endpoint }) =>
    (method === 'GET' ? ['GET', 'HEAD', 'other'] : [method, 'other']).map((one) => `${one} ${endpoint}`),
  );
  const unrouted = ['GET', 'HEAD', 'POST', 'other'].map((method) => `${method} other`);
  expect([...pairs].sort()).toEqual([...own, ...unrouted].sort());
  await tryAll(['GET', 'POST', 'DELETE', 'PROPFIND', 'M-SEARCH'], 'two');
  expect((await samples()).length).toBe(after.length);
});
