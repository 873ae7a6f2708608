import { endpointDeclarations, feedbackPath, getRoutes, rankEndpoints } from '../rank/endpoints';
import { createOriginRules } from './origins';
import { bodyOf, call, pathOf, startEdge, type TestEdge, type WireRequest } from '../testing';

const app = 'https://app.example.org';

describe('who may use a gateway without a key', () => {
  const rules = createOriginRules([app, 'http://intranet.example:8080']);
  type Row = [headers: Record<string, string>, isForeign: boolean];
  const at = (host: string, origin: string, more = {}): Record<string, string> => ({ host, origin, ...more });

  const programs: Row[] = [
    [{}, false],
    [{ host: 'gateway.example.org' }, false],
    [{ host: '10.0.0.7:8080', 'user-agent': 'curl/8' }, false],
  ];
  const fetched: Row[] = ['same-origin', 'none'].map((site) => [
    { host: 'localhost:8080', 'sec-fetch-site': site },
    false,
  ]);
  const fetchedElsewhere: Row[] = ['cross-site', 'same-site'].flatMap((site): Row[] => [
    [{ host: 'localhost:8080', 'sec-fetch-site': site }, true],
    [at('localhost:8080', 'http://localhost:3000', { 'sec-fetch-site': site }), true],
    [at('localhost:8080', 'null', { 'sec-fetch-site': site }), true],
    [at('localhost:8080', app, { 'sec-fetch-site': site }), false],
    // whatever a page claims its origin to be
    [at('localhost:8080', 'http://localhost:8080', { 'sec-fetch-site': site }), true],
  ]);
  const own: Row[] = [
    ...[
      'localhost',
      'localhost:8080',
      'page.localhost:8080',
      '127.0.0.1:8080',
      '10.0.0.7',
      '[::1]:8080',
      'gateway:8080',
    ],
    ...['LOCALHOST:8080'],
  ].flatMap((host): Row[] => [
    [at(host, `http://${host.toLowerCase()}`), false],
    // a proxy has taken TLS away
    [at(host, `https://${host.toLowerCase()}`, { 'sec-fetch-site': 'same-origin' }), false],
  ]);
  const rebound: Row[] = [
    'evil.example.org',
    'evil.example.org:8080',
    'localhost.evil.org',
    '127.0.0.1.evil.org',
    'evil.org.',
  ].map((host) => [at(host, `http://${host}`, { 'sec-fetch-site': 'same-origin' }), true]);
  const others: Row[] = [
    [at('localhost:8080', 'http://localhost:8081'), true],
    [at('localhost:8080', 'http://localhost'), true],
    [at('localhost:8080', 'http://127.0.0.1:8080'), true],
    [at('localhost:8080', 'https://evil.example.org'), true],
    [at('localhost:8080', 'null'), true],
    [at('localhost:8080', ''), true],
    [at('localhost:8080', `${app}, http://localhost:8080`), true],
    [at('', 'http://'), true],
    [at('localhost:8080', app), false],
    [at('evil.example.org', app), false],
    [at('localhost:8080', `${app}:8443`), true],
    [at('localhost:8080', 'http://app.example.org'), true],
    // by the name of an allowed origin, behind another port or scheme
    [at('app.example.org', 'http://app.example.org'), false],
    [at('app.example.org:443', 'https://app.example.org:9000'), true],
    [at('intranet.example', 'http://intranet.example'), false],
    [at('app.example.org:443', 'http://app.example.org'), false],
  ];
  test.each([...programs, ...fetched, ...fetchedElsewhere, ...own, ...rebound, ...others])(
    '%j: is foreign: %s',
    (headers, isForeign) => {
      expect(rules.isForeign(headers)).toBe(isForeign);
    },
  );

  test('without allowed origins no domain name is its own', () => {
    const none = createOriginRules([]);
    expect(none.isForeign(at('app.example.org', app))).toBe(true);
    expect(none.isForeign(at('localhost:8080', 'http://localhost:8080'))).toBe(false);
  });
});

/** Every route of the API, as it is used. */
const apiRoutes: WireRequest[] = [
  ...rankEndpoints.map((endpoint) => ({ path: pathOf(endpoint), method: 'POST', body: bodyOf(endpoint) })),
  { path: '/v1/v1/rerank', method: 'POST', body: { query: 'q', documents: ['a'] } },
  {
    path: feedbackPath,
    method: 'POST',
    body: { request_id: 'r', model: 'e5', results: [{ index: 0, rank: 1, clicked: true }] },
  },
  ...Object.values(getRoutes)
    .filter(({ requiresKey }) => requiresKey)
    .map(({ path }) => ({ path: path.replace('{name}', 'e5'), method: 'GET' })),
];
const openRoutes = [
  '/',
  '/assets/page-1a2b.js',
  '/docs',
  '/docs/initializer.js',
  '/openapi.json',
  '/health',
  '/ready',
  '/v1/cluster/auth',
];
const foreign = { origin: 'https://evil.example.org', 'sec-fetch-site': 'cross-site' };

let edge: TestEdge | undefined;
afterEach(async () => edge?.close());
const start = async (env: Record<string, string> = {}) => (edge = await startEdge({ env }));

describe('a page of another origin', () => {
  test.each([{}, { API_KEYS: 'k', TRUSTED_NETWORKS: '127.0.0.0/8' }, { ALLOWED_ORIGINS: app }])(
    'is refused without a key (%j), before its body is read',
    async (env) => {
      const at = await start(env);
      for (const wire of apiRoutes) {
        const answer = await call(at, { ...wire, ...(wire.body !== undefined && { body: '{' }), headers: foreign });
        expect([wire.path, answer.status]).toEqual([wire.path, 403]);
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      }
      expect(at.fleet.asked).toEqual([]);
      expect(at.observed.finished.every(({ failure }) => failure === 'origin_not_allowed')).toBe(true);
      expect(await at.metricsPage()).toMatch(/reranker_rejected_total\{reason="auth"\} [1-9]/);
    },
  );

  test('is served with a key, and without CORS headers', async () => {
    const at = await start({ API_KEYS: 'k', TRUSTED_NETWORKS: '127.0.0.0/8' });
    for (const wire of apiRoutes) {
      const answer = await call(at, { ...wire, headers: { ...foreign, authorization: 'Bearer k' } });
      expect([wire.path, answer.status]).toEqual([wire.path, 200]);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test('may load what is open to everybody', async () => {
    const at = await start();
    for (const path of openRoutes) {
      expect([path, (await call(at, { path, method: 'GET', headers: foreign })).status]).toEqual([path, 200]);
    }
  });

  test('gets no permission by asking first', async () => {
    const at = await start({ ALLOWED_ORIGINS: app });
    const asks = { ...foreign, 'access-control-request-method': 'POST' };
    const answer = await call(at, { path: '/v1/rerank', method: 'OPTIONS', headers: asks });
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.headers.vary).toBe('origin');
  });
});

test("the gateway's own page works on addresses and local names", async () => {
  const at = await start();
  for (const host of [`127.0.0.1:${at.port}`, `localhost:${at.port}`, `[::1]:${at.port}`, 'gateway:8080']) {
    const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect((await call(at, { body: { query: 'q', documents: ['a'] }, headers })).status).toBe(200);
    expect(
      (await call(at, { path: '/v1/fleet', method: 'GET', headers: { host, 'sec-fetch-site': 'same-origin' } })).status,
    ).toBe(200);
  }
});

test('requests of programs are not touched', async () => {
  const at = await start({ ALLOWED_ORIGINS: app });
  for (const wire of apiRoutes) {
    const answer = await call(at, { ...wire, headers: { host: 'gateway.example.org' } });
    expect([wire.path, answer.status]).toEqual([wire.path, 200]);
  }
});

describe('a page of an allowed origin', () => {
  test.each([{ ALLOWED_ORIGINS: app }, { ALLOWED_ORIGINS: `http://localhost:3000,${app}`, API_KEYS: 'k' }])(
    'may ask first, send and read on every route of the API (%j)',
    async (env: Record<string, string>) => {
      const at = await start(env);
      const page = { origin: app, 'sec-fetch-site': 'cross-site' };
      for (const wire of apiRoutes) {
        const asks = {
          ...page,
          'access-control-request-method': wire.method ?? '',
          'access-control-request-headers': 'X-Client-Name, bad header',
        };
        const preflight = await call(at, { path: wire.path ?? '', method: 'OPTIONS', headers: asks });
        expect([wire.path, preflight.status, preflight.text]).toEqual([wire.path, 204, '']);
        expect(preflight.headers).toMatchObject({
          'access-control-allow-origin': app,
          'access-control-allow-methods': wire.method,
          'access-control-allow-headers':
            'authorization, content-type, content-encoding, x-api-key, api-key, x-request-timeout-ms, x-client-name',
          'access-control-max-age': '600',
          vary: 'origin',
        });
        const answer = await call(at, { ...wire, headers: { ...page, authorization: 'k' } });
        expect([wire.path, answer.status]).toEqual([wire.path, 200]);
        expect(answer.headers).toMatchObject({ 'access-control-allow-origin': app, vary: 'origin' });
        expect(answer.headers['access-control-expose-headers']).toMatch(/\bx-request-id\b.*\bretry-after\b/);
        expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      }
    },
  );

  test('reads errors too, and still needs the key', async () => {
    const at = await start({ ALLOWED_ORIGINS: app, API_KEYS: 'k' });
    const answer = await call(at, { body: { query: 'q' }, headers: { origin: app } });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([401, app]);
    const wrong = await call(at, { body: { query: 'q' }, headers: { origin: app, 'api-key': 'k' } });
    expect([wrong.status, wrong.headers['access-control-allow-origin']]).toEqual([400, app]);
  });

  test('gets no headers on other routes', async () => {
    const at = await start({ ALLOWED_ORIGINS: app });
    for (const path of openRoutes) {
      const { headers } = await call(at, { path, method: 'GET', headers: { origin: app } });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

test('every counted route of the API is one of these', () => {
  const paths = new Set(apiRoutes.map(({ path }) => path));
  const api = endpointDeclarations.filter(({ codes }) => codes.includes(403));
  expect(api.length).toBe(paths.size - 1);
});
