import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askAll, complaints } from './questions';

let server: Server;
let url: string;

/** Answers of the fake Prometheus, by query. */
const known: Record<string, object> = {
  up: { status: 'success', data: { resultType: 'vector', result: [{ value: [0, '1'] }, { value: [0, 'NaN'] }] } },
  empty: { status: 'success', data: { resultType: 'vector', result: [] } },
  'nan()': { status: 'success', data: { resultType: 'vector', result: [{ value: [0, 'NaN'] }] } },
  reranker_gpu_x: { status: 'success', data: { resultType: 'vector', result: [] } },
  '30': { status: 'success', data: { resultType: 'scalar', result: [0, '30'] } },
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? '';
    response.end(JSON.stringify(known[query] ?? { status: 'error', error: 'parse error' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = async (...exprs: string[]) =>
  askAll(
    url,
    exprs.map((expr) => ({ asker: 'panel', expr })),
  );

test('a query that returns series or a plain number is no complaint', async () => {
  expect(complaints(await ask('up', '30'))).toEqual([]);
  expect((await ask('up'))[0]?.series).toBe(1);
});

test.each([
  { expr: 'empty', says: 'panel: no data: empty' },
  { expr: 'nan()', says: 'panel: no data: nan()' },
  { expr: 'sum(', says: 'panel: parse error: sum(' },
])('$expr is a complaint', async ({ expr, says }) => {
  expect(complaints(await ask(expr))).toEqual([says]);
});

test('a query that may be empty on this machine is no complaint and gives the reason', async () => {
  const answers = await ask('reranker_gpu_x');
  expect(complaints(answers)).toEqual([]);
  expect(answers[0]?.excuse).toContain('NVIDIA');
});

test('a Prometheus that cannot be reached is an error', async () => {
  await expect(askAll('http://127.0.0.1:1', [{ asker: 'panel', expr: 'up' }])).rejects.toThrow();
});
