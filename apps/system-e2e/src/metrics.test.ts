import { until } from '@rerank-fleet/test-support';
import { post, scrape, startFleet, sum, terminate, type Member, type TestFleet } from './fleet';

const model = 'multilingual-e5-small';
const queue = `${model}@1`;
const documents = ['Jobs wait on a queue.', 'Bread is baked at dawn.', 'Rivers carry sand to the sea.'];
/** Some seconds of work for the only session. */
const large = Array.from({ length: 120 }, (_, i) => `${i} ${'filler words '.repeat(60)}`);

let fleet: TestFleet;
let gateway: Member;
let worker: Member;

beforeAll(async () => {
  fleet = await startFleet();
  worker = await fleet.startWorker({ TOKEN_BUDGET: '300' });
  gateway = await fleet.startGateway({ MAX_DOCUMENTS: '200', API_KEYS: 'k' });
}, 60_000);
afterAll(() => fleet.stop(), 30_000);

const key = { authorization: 'Bearer k' };
const rank = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  post(`${gateway.url}/v1/rerank`, body, { headers: { ...key, ...headers }, ...(signal && { signal }) });

/** The increase of an app's metrics during an action. */
async function rise(app: Member, done: () => Promise<unknown>) {
  const before = await scrape(app.opsUrl);
  await done();
  const after = await scrape(app.opsUrl);
  return (name: string, labels: Record<string, string> = {}) => sum(after, name, labels) - sum(before, name, labels);
}

const jobsSettled = async () => sum(await scrape(worker.opsUrl), 'reranker_jobs_total', { queue });

describe('the token budget', () => {
  const budgetOf = async ({ opsUrl }: Member) =>
    (await scrape(opsUrl)).get(`reranker_batch_budget_tokens{model="${model}"}`);

  it('is the one that TOKEN_BUDGET sets, in the metrics and to the gateway', async () => {
    expect(await budgetOf(worker)).toBe(300);
    const info = (await (await fetch(`${gateway.url}/info`, { headers: key })).json()) as object;
    expect(info).toMatchObject({ max_batch_tokens: 300 });
  });

  it('is found without it, and the log says how', async () => {
    const other = await fleet.startWorker({ TOKEN_BUDGET: '', DEFAULT_BUNDLE: 'false' });
    const line =
      other
        .output()
        .split('\n')
        .find((text) => text.includes('"msg":"ready"')) ?? '';
    const { tokenBudget, tokenBudgetFrom } = JSON.parse(line) as { tokenBudget: number; tokenBudgetFrom: string };
    expect(['manifest', 'search']).toContain(tokenBudgetFrom);
    expect(await budgetOf(other)).toBe(tokenBudget);
    await terminate(other.process, 'SIGTERM');
    await until(async () => (await fleet.announcedWorkers()) === 1);
  }, 60_000);
});

describe('counters, to the unit', () => {
  it('exist from the start with every known label value', async () => {
    const atGateway = await scrape(gateway.opsUrl);
    for (const reason of [
      'auth',
      'queue_full',
      'too_large',
      'bad_request',
      'no_worker',
      'redis_away',
      'timeout',
      'client_gone',
    ]) {
      expect(atGateway.get(`reranker_rejected_total{reason="${reason}"}`)).toBe(0);
    }
    expect(atGateway.get('reranker_requests_total{method="POST",endpoint="/v1/rerank",code="200"}')).toBe(0);
    expect(
      atGateway.get('reranker_request_duration_seconds_count{method="POST",endpoint="/v1/rerank",code="200"}'),
    ).toBe(0);
    const atWorker = await scrape(worker.opsUrl);
    for (const outcome of ['completed', 'failed', 'cancelled', 'expired']) {
      expect(atWorker.get(`reranker_jobs_total{queue="${queue}",outcome="${outcome}"}`)).toBe(0);
    }
  });

  it('count an answered request once in the gateway, its job, documents, tokens and scores once in the worker', async () => {
    let tokens = 0;
    const settledBefore = await jobsSettled();
    const ask = async () => {
      const response = await rank({ query: 'why do jobs wait?', documents });
      tokens = Number(response.headers.get('x-compute-tokens'));
      await response.text();
      // the gateway gets the answer before the worker has completed and counted the job
      await until(async () => (await jobsSettled()) > settledBefore);
    };
    let atWorker: Awaited<ReturnType<typeof rise>> | undefined;
    const atGateway = await rise(gateway, async () => {
      atWorker = await rise(worker, ask);
    });
    expect(atGateway('reranker_requests_total', { code: '200', endpoint: '/v1/rerank' })).toBe(1);
    expect(atGateway('reranker_requests_total')).toBe(1);
    expect(atGateway('reranker_request_duration_seconds_count')).toBe(1);
    expect(atGateway('reranker_batch_size_count', { model })).toBe(1);
    expect(atGateway('reranker_batch_size_sum', { model })).toBe(3);
    expect(atGateway('reranker_query_type_total', { query_type: 'why' })).toBe(1);
    expect(atGateway('reranker_document_length_chars_count')).toBe(3);
    expect(atGateway('reranker_errors_total')).toBe(0);
    expect(atWorker?.('reranker_jobs_total', { outcome: 'completed' })).toBe(1);
    expect(atWorker?.('reranker_jobs_total')).toBe(1);
    expect(atWorker?.('reranker_score_distribution_count', { model })).toBe(3);
    expect(atWorker?.('reranker_queue_wait_seconds_count', { queue })).toBe(1);
    expect(atWorker?.('reranker_tokens_total', { kind: 'query' })).toBe(10);
    expect(
      (atWorker?.('reranker_tokens_total', { kind: 'query' }) as number) +
        (atWorker?.('reranker_tokens_total', { kind: 'document' }) as number),
    ).toBe(tokens);
    expect(atWorker?.('reranker_batch_documents_sum', { model })).toBe(3);
    expect(atWorker?.('reranker_truncated_documents_total')).toBe(0);
  });

  it('count a truncated document', async () => {
    const settledBefore = await jobsSettled();
    const risen = await rise(worker, async () => {
      await rank({ query: 'q', documents: ['a', 'word '.repeat(900)] });
      await until(async () => (await jobsSettled()) > settledBefore);
    });
    expect(risen('reranker_truncated_documents_total', { model })).toBe(1);
  });

  const tooMany = { query: 'q', documents: new Array(201).fill('a') };
  it.each([
    { name: 'no key', code: 401, reason: 'auth', type: 'unauthorized', headers: { authorization: 'Bearer wrong' } },
    { name: 'no query', code: 400, reason: 'bad_request', type: 'invalid_type', body: { documents } },
    { name: 'too many documents', code: 413, reason: 'too_large', type: 'too_many_documents', body: tooMany },
    {
      name: 'an unknown model',
      code: 404,
      reason: 'bad_request',
      type: 'model_not_found',
      body: { query: 'q', documents, model: 'nobody' },
    },
  ])('count a request with $name as $code, rejected for $reason', async (row) => {
    const risen = await rise(gateway, () => rank(row.body ?? { query: 'q', documents }, row.headers));
    expect(risen('reranker_requests_total', { code: String(row.code) })).toBe(1);
    expect(risen('reranker_rejected_total', { reason: row.reason })).toBe(1);
    expect(risen('reranker_rejected_total')).toBe(1);
    expect(risen('reranker_errors_total', { error_type: row.type })).toBe(1);
  });

  it('count a request whose wait ran out as 504 and its jobs as expired, each once', async () => {
    const settledBefore = await jobsSettled();
    let atGateway: Awaited<ReturnType<typeof rise>> | undefined;
    const atWorker = await rise(worker, async () => {
      // the first request keeps the session busy beyond the wait of the second
      const busy = rank({ query: 'busy', documents: large });
      await until(async () => sum(await scrape(gateway.opsUrl), 'reranker_http_requests_in_flight') > 0);
      atGateway = await rise(gateway, async () => {
        expect(
          (await rank({ query: 'late', documents: [documents[0]] }, { 'x-request-timeout-ms': '150' })).status,
        ).toBe(504);
      });
      await busy;
      await until(async () => sum(await scrape(worker.opsUrl), 'reranker_jobs_total', { outcome: 'expired' }) > 0);
    });
    expect(atGateway?.('reranker_requests_total', { code: '504' })).toBe(1);
    expect(atGateway?.('reranker_rejected_total', { reason: 'timeout' })).toBe(1);
    expect(atWorker('reranker_jobs_total', { outcome: 'expired' })).toBe(1);
    expect(atWorker('reranker_dropped_documents_total', { reason: 'expired' })).toBe(1);
    expect((await jobsSettled()) - settledBefore).toBe(atWorker('reranker_jobs_total'));
  }, 60_000);

  it('count an abandoned request as 499 and client_gone but no error, and its jobs as cancelled', async () => {
    const leaving = new AbortController();
    let atGateway: Awaited<ReturnType<typeof rise>> | undefined;
    const atWorker = await rise(worker, async () => {
      const busy = rank({ query: 'busy', documents: large });
      await until(async () => sum(await scrape(gateway.opsUrl), 'reranker_http_requests_in_flight') > 0);
      atGateway = await rise(gateway, async () => {
        const gone = rank({ query: 'gone', documents: [documents[0]] }, {}, leaving.signal).catch(() => 'gone');
        await until(async () => sum(await scrape(gateway.opsUrl), 'reranker_http_requests_in_flight') > 1);
        leaving.abort();
        await gone;
        await until(
          async () => sum(await scrape(gateway.opsUrl), 'reranker_rejected_total', { reason: 'client_gone' }) > 0,
        );
      });
      await busy;
      await until(async () => sum(await scrape(worker.opsUrl), 'reranker_jobs_total', { outcome: 'cancelled' }) > 0);
    });
    expect(atGateway?.('reranker_requests_total', { code: '499' })).toBe(1);
    expect(atGateway?.('reranker_errors_total')).toBe(0);
    expect(atWorker('reranker_jobs_total', { outcome: 'cancelled' })).toBe(1);
    expect(atWorker('reranker_dropped_documents_total', { reason: 'cancelled' })).toBe(1);
  }, 60_000);
});
