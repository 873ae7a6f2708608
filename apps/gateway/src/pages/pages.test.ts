import { call, fakeFleet, someModel, startEdge, type TestEdge } from '../testing';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge()));
afterAll(() => edge.close());

const get = (path: string) => call(edge, { path, method: 'GET' });

describe('models', () => {
  test('are described with their limits', async () => {
    const { json, status } = await get('/v1/models');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'multilingual-e5-small',
          object: 'model',
          head: 'late-interaction',
          template_version: '1',
          max_length_tokens: 512,
          dtype: 'int8',
          provider: 'cpu',
          workers: 3,
          limits: {
            max_documents: 1_000,
            max_body_bytes: 10_000_000,
            max_text_characters: 100_000,
            max_json_depth: 20,
          },
        },
      ],
    });
  });

  test.each([
    'multilingual-e5-small',
    'multilingual-e5-small@2',
    'e5',
    'default',
    'intfloat/multilingual-e5-small',
    'intfloat%2Fmultilingual-e5-small',
    'vendor/e5',
    'a/b/e5/',
  ])('are found as %s', async (name) => {
    expect((await get(`/v1/models/${name}`)).json).toHaveProperty('id', 'multilingual-e5-small');
  });

  test('one that is called `rerank` is shown where ZeroEntropy ranks with POST', async () => {
    const at = await startEdge({ fleet: fakeFleet(undefined, [{ ...someModel, name: 'rerank' }]) });
    expect((await call(at, { path: '/v1/models/rerank', method: 'GET' })).json).toHaveProperty('id', 'rerank');
    const ranked = await call(at, { path: '/v1/models/rerank', body: { query: 'q', documents: ['a'] } });
    expect(ranked.json).toHaveProperty('actual_latency_mode', 'fast');
    expect(at.observed.finished.map(({ endpoint }) => endpoint)).toEqual(['/v1/models/{name}', '/v1/models/rerank']);
    await at.close();
  });

  test('that do not exist are 404 with the names that do', async () => {
    const answer = await get('/v1/models/hemlock');
    expect(answer.status).toBe(404);
    expect(answer.json).toHaveProperty('error.code', 'model_not_found');
    expect(answer.text).toContain('multilingual-e5-small');
    expect(answer.text).not.toContain('hemlock');
  });

  test('have the names that the operator gave them, and are found by these', async () => {
    const other = { ...someModel, name: 'bge', version: '1', aliases: ['BAAI/bge'], isDefault: false };
    const at = await startEdge({
      env: { MODEL_ALIASES: 'gte-rerank=default,rerank-v3=bge,gone=nobody' },
      fleet: fakeFleet(undefined, [other, someModel]),
    });
    const { json } = await call(at, { path: '/v1/models', method: 'GET' });
    expect(json).toMatchObject({
      data: [
        { id: 'bge', aliases: ['BAAI/bge', 'rerank-v3'] },
        { id: 'multilingual-e5-small', aliases: [...someModel.aliases, 'gte-rerank'] },
      ],
    });
    const found = await call(at, { path: '/v1/models/dashscope/gte-rerank', method: 'GET' });
    expect(found.json).toHaveProperty('id', 'multilingual-e5-small');
    await at.close();
  });

  describe('of several versions', () => {
    let several: TestEdge;
    const other = { ...someModel, name: 'a-first', version: '1', aliases: [], isDefault: false };
    const models = [...['2', '10', '9'].map((version) => ({ ...someModel, version })), other];
    beforeAll(async () => (several = await startEdge({ fleet: fakeFleet(undefined, models) })));
    afterAll(() => several.close());

    test('the newest has the name for its id, the others their version too', async () => {
      const { json } = await call(several, { path: '/v1/models', method: 'GET' });
      expect((json as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
        'a-first',
        'multilingual-e5-small',
        'multilingual-e5-small@9',
        'multilingual-e5-small@2',
      ]);
      const info = await call(several, { path: '/info', method: 'GET' });
      expect((info.json as { models: object[] }).models).toEqual((json as { data: object[] }).data);
    });

    test.each([
      ['e5', 'multilingual-e5-small', '10'],
      ['multilingual-e5-small', 'multilingual-e5-small', '10'],
      ['multilingual-e5-small@10', 'multilingual-e5-small', '10'],
      ['multilingual-e5-small@9', 'multilingual-e5-small@9', '9'],
      ['vendor/multilingual-e5-small@9', 'multilingual-e5-small@9', '9'],
    ])('%s is found as %s', async (name, id, version) => {
      const { json } = await call(several, { path: `/v1/models/${name}`, method: 'GET' });
      expect(json).toMatchObject({ id, version, model_name: 'multilingual-e5-small' });
    });

    test('a 404 names each once', async () => {
      const { json } = await call(several, { path: '/v1/models/nobody', method: 'GET' });
      expect(json).toHaveProperty('message', 'No such model. Served models: a-first, multilingual-e5-small.');
    });
  });
});

describe('without a live model', () => {
  let empty: TestEdge;
  beforeAll(async () => (empty = await startEdge({ fleet: fakeFleet(undefined, []) })));
  afterAll(() => empty.close());

  test('/info is 503 and says when to retry', async () => {
    const answer = await call(empty, { path: '/info', method: 'GET' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  });

  test('/v1/models is an empty list', async () => {
    expect((await call(empty, { path: '/v1/models', method: 'GET' })).json).toEqual({
      object: 'list',
      data: [],
      models: [],
    });
  });
});

describe('the fleet', () => {
  test('is reported with its backlog, its speed and the time to drain', async () => {
    const { json, status } = await get('/v1/fleet');
    expect(status).toBe(200);
    expect(json).toEqual({
      object: 'fleet',
      redis: 'up',
      gateways: 2,
      workers: 3,
      queued_tokens: 450,
      queued_bytes: 300,
      tokens_per_second: 900,
      models: [
        {
          name: 'multilingual-e5-small',
          version: '2',
          queue: 'multilingual-e5-small@2',
          is_default: true,
          head: 'late-interaction',
          dtype: 'int8',
          provider: 'cpu',
          takes_instruction: false,
          max_length_tokens: 512,
          workers: 3,
          sessions: 2,
          queued_tokens: 450,
          tokens_per_second: 900,
          drain_seconds: 0.5,
          limit_tokens: 81_000,
        },
      ],
      links: { grafana: null, queue_board: null },
    });
  });

  test('/v1/models shows what quantization costs, and null where it was not measured', async () => {
    const quantization = {
      ...{ pairs: 60, queries: 12, largestScoreDifference: 0.1, meanScoreDifference: 0.01 },
      ...{ rankCorrelation: 0.97, changedFirstDocuments: 1, exactLayers: ['layer'] },
    };
    const other = await startEdge({ fleet: fakeFleet(undefined, [{ ...someModel, quantization }]) });
    const [shown, plain] = await Promise.all(
      [other, edge].map(async (at) => (await call(at, { path: '/v1/models', method: 'GET' })).json as object),
    );
    expect(shown).toMatchObject({
      data: [
        {
          quantization: {
            ...{ pairs: 60, queries: 12, largest_score_difference: 0.1, mean_score_difference: 0.01 },
            ...{ rank_correlation: 0.97, changed_first_documents: 1, exact_layers: ['layer'] },
          },
        },
      ],
    });
    expect(plain).toMatchObject({ data: [{ quantization: null }] });
    await other.close();
  });

  test('has no speed while no worker is alive or has measured itself, and sums those that have', async () => {
    const { tokensPerSecond: _measured, ...unmeasured } = someModel;
    const gone = { ...someModel, name: 'gone', workers: 0, sessions: 0 };
    const other = await startEdge({ fleet: fakeFleet(undefined, [{ ...unmeasured, name: 'new' }, gone]) });
    const ask = async () => (await call(other, { path: '/v1/fleet', method: 'GET' })).json;
    expect(await ask()).toMatchObject({
      workers: 3,
      tokens_per_second: null,
      models: [
        { name: 'gone', workers: 0, tokens_per_second: null, drain_seconds: null },
        { name: 'new', workers: 3, tokens_per_second: null, drain_seconds: null },
      ],
    });
    other.fleet.isUp = false;
    expect(await ask()).toMatchObject({ redis: 'away', workers: 3 });
    await other.close();
  });

  test('needs the key, and links to where people look further', async () => {
    const env = {
      API_KEYS: 'secret-key',
      GRAFANA_URL: 'https://grafana.example.org/d/x',
      QUEUE_BOARD_URL: 'http://127.0.0.1:8081',
    };
    const other = await startEdge({ env });
    const ask = (headers: Record<string, string>) => call(other, { path: '/v1/fleet', method: 'GET', headers });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer secret-key' })).json).toMatchObject({
      links: { grafana: 'https://grafana.example.org/d/x', queue_board: 'http://127.0.0.1:8081' },
    });
    await other.close();
  });
});

describe('the page', () => {
  const sessions = async (of: TestEdge) => / *reranker_user_sessions_total (\d+)/.exec(await of.metricsPage())?.[1];

  test('comes from memory, loads nothing from elsewhere and is asked for anew each time', async () => {
    const { status, headers, text } = await get('/');
    expect([status, text]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('has files that a browser keeps, also compressed, and no others', async () => {
    const asset = (name: string, headers = {}) => call(edge, { path: `/assets/${name}`, method: 'GET', headers });
    const plain = await asset('page-1a2b.js');
    expect([plain.status, plain.text]).toEqual([200, 'document.title = "page";']);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await asset('page-1a2b.js', { 'accept-encoding': 'gzip, br' });
    expect([packed.headers['content-encoding'], packed.headers['vary']]).toEqual(['gzip', 'accept-encoding']);
    for (const name of ['other.js', '..%2Findex.html', '%2e%2e%2fmain.js'])
      expect((await asset(name)).status).toBe(404);
  });

  test('counts a browser session once, by a cookie that says nothing of its user', async () => {
    const other = await startEdge();
    const open = (method: string, headers = {}) => call(other, { path: '/', method, headers });
    expect(await sessions(other)).toBe('0');
    const first = await open('GET');
    expect(first.headers['set-cookie']).toEqual(['rerank_session=1; Path=/; HttpOnly; SameSite=Lax']);
    expect(await sessions(other)).toBe('1');
    const again = await open('GET', { cookie: 'theme=dark; rerank_session=1' });
    expect(again.headers).not.toHaveProperty('set-cookie');
    await open('HEAD');
    await open('POST');
    expect(await sessions(other)).toBe('1');
    await open('GET', { cookie: 'not_rerank_session=1' });
    expect(await sessions(other)).toBe('2');
    await other.close();
  });
});

describe('probes', () => {
  test('/health answers while the process lives', async () => {
    const answer = await get('/health');
    expect([answer.status, answer.json]).toEqual([200, { status: 'alive' }]);
  });

  test('/ready follows Redis and draining', async () => {
    const other = await startEdge();
    const ask = () => call(other, { path: '/ready', method: 'GET' });
    expect([(await ask()).status, (await ask()).json]).toEqual([200, { ready: true, reasons: [] }]);
    other.fleet.isUp = false;
    expect((await ask()).status).toBe(503);
    expect((await call(other, { path: '/.well-known/ready', method: 'GET' })).status).toBe(503);
    other.startDraining();
    expect((await ask()).json).toEqual({ ready: false, reasons: ['Redis does not answer', 'shutting down'] });
    await other.close();
  });
});

describe('unknown paths and methods', () => {
  test.each(['/v3/rerank', '/v1/rerankx', '/constructor', '/__proto__', '/v1/v1/models', '/infinity'])(
    '%s is 404 and says where rerank lives',
    async (path) => {
      const answer = await call(edge, { path, body: {} });
      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({ message: expect.stringContaining('POST /rerank') as unknown });
      expect(answer.json).toMatchObject({ message: expect.stringContaining('/v1/rerank') as unknown });
      expect(answer.headers).toHaveProperty('x-request-id');
    },
  );

  test('a prefix keeps its shape', async () => {
    expect((await call(edge, { path: '/hf/x', body: {} })).json).toHaveProperty('error_type');
    expect((await call(edge, { path: '/voyage/rerank', body: {} })).json).not.toHaveProperty('error');
    expect((await call(edge, { path: '/infinity/x', body: {} })).json).toHaveProperty('error.code', 'route_not_found');
    const dashScope = await call(edge, { path: '/api/v1/services/x', body: {} });
    expect(dashScope.json).toMatchObject({ code: 'NotFound', request_id: dashScope.headers['x-request-id'] });
    expect((await call(edge, { path: '/pinecone/x', body: {} })).json).toHaveProperty('error.code', 'NOT_FOUND');
    expect((await call(edge, { path: '/api/v1/x', body: {} })).json).toHaveProperty('error.code', 404);
    const undecodable = await call(edge, { path: '/v1/models/%zz', body: {} });
    expect(undecodable.json).toHaveProperty('detail');
  });

  test.each(['/v1/models', '/v1/models/x', '/info', '/health', '/docs', '/openapi.json'])(
    'POST %s is 405',
    async (path) => {
      const answer = await call(edge, { path, body: {} });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    },
  );

  test('a path that does not decode is refused, not crashed on', async () => {
    const answer = await get('/v1/models/%zz');
    expect([answer.status, answer.json]).toMatchObject([422, { error: { code: 'invalid_value' } }]);
    expect(edge.observed.logLines).toEqual([]);
  });

  test('HEAD is answered like GET, without a body', async () => {
    const answer = await call(edge, { path: '/v1/models', method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test('a fault in the fleet is a 500', async () => {
    const fleet = fakeFleet();
    fleet.models = () => {
      throw new Error('x');
    };
    const other = await startEdge({ fleet });
    const answer = await call(other, { path: '/v1/models', method: 'GET' });
    await other.close();
    expect([answer.status, other.observed.logLines.length]).toEqual([500, 1]);
  });
});

describe('/docs', () => {
  test('loads nothing from elsewhere, and what it loads is there', async () => {
    const page = await get('/docs');
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses).toHaveLength(4);
    for (const address of addresses) {
      expect(address).not.toMatch(/^(?:\w+:|\/)/);
      const asset = await get(new URL(address, 'http://host/docs').pathname);
      expect([address, asset.status]).toEqual([address, 200]);
      expect(asset.text.length).toBeGreaterThan(100);
    }
    expect((await get('/docs/initializer.js')).text).toContain("url: 'openapi.json'");
  });

  test('allows only its own origin, and stays on plain HTTP', async () => {
    const { headers } = await get('/docs');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  test('with a slash leads to the page without', async () => {
    const answer = await get('/docs/');
    expect([answer.status, answer.headers.location]).toEqual([308, '../docs']);
  });

  test.each(['package.json', 'index.html', '..%2fpackage.json', 'swagger-ui.js.map'])(
    'serves no other file: %s',
    async (file) => expect((await get(`/docs/${file}`)).status).toBe(404),
  );
});
