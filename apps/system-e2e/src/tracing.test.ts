import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@rerank-fleet/test-support';
import { startCollector, type Collector, type ExportedSpan } from './collector';
import { post, startFleet, terminate, type Member, type TestFleet } from './fleet';

const queue = 'multilingual-e5-small@1';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpanId = '00f067aa0ba902b7';
/** Words that do not occur in this project. */
const words = ['Zwetschgenröster', 'Quittengelee', 'Hollersirup'];
const body = { query: words[0], documents: [words[1], words[2]], instruction: 'Zwetschgenröster?' };
const kinds = { internal: 1, server: 2, producer: 4, consumer: 5 };

const rank = ({ url }: Member, traceparent: string) =>
  post(`${url}/v1/rerank`, body, { headers: { traceparent } }).then(async (response) => {
    await response.text();
    return response;
  });
/** Only the OpenMetrics format has exemplars. */
const metricsPage = async ({ opsUrl }: Member) =>
  (await fetch(`${opsUrl}/metrics`, { headers: { accept: 'application/openmetrics-text' } })).text();
/** The metrics of a page that have an exemplar of the trace. */
const exemplarsOf = (page: string, trace: string) =>
  new Set(
    page
      .split('\n')
      .filter((line) => line.includes(`# {trace_id="${trace}"}`))
      .map((line) => line.split('_bucket{')[0]),
  );

describe('tracing to a collector', () => {
  let collector: Collector;
  let fleet: TestFleet;
  let gateway: Member;
  let worker: Member;

  beforeAll(async () => {
    collector = await startCollector();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    fleet = await startFleet();
    worker = await fleet.startWorker(env);
    gateway = await fleet.startGateway(env);
  }, 60_000);
  afterAll(async () => {
    await fleet.stop();
    await collector.close();
  }, 30_000);

  const spansOf = async (trace: string, count: number): Promise<Map<string, ExportedSpan>> => {
    const found = () => collector.spans().filter((span) => span.traceId === trace);
    await until(() => found().length >= count);
    return new Map(found().map((span) => [span.name, span]));
  };

  it('traces one request from the caller through HTTP and the queue to its batch', async () => {
    const response = await rank(gateway, `00-${traceId}-${callerSpanId}-01`);
    expect(response.status).toBe(200);
    const spans = await spansOf(traceId, 5);
    const [http, send, job] = ['POST /v1/rerank', `send ${queue}`, `process ${queue}`].map((name) => spans.get(name));
    expect([...spans.keys()].sort()).toEqual([
      'POST /v1/rerank',
      'batch',
      'encode',
      `process ${queue}`,
      `send ${queue}`,
    ]);
    expect(http).toMatchObject({
      service: 'reranker-gateway',
      kind: kinds.server,
      parentSpanId: callerSpanId,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/rerank',
        'http.response.status_code': 200,
        'openinference.span.kind': 'RERANKER',
        'reranker.model_name': 'multilingual-e5-small',
        'reranker.top_k': 2,
        'rerank.document_count': 2,
        'rerank.token_count': Number(response.headers.get('x-compute-tokens')),
        'rerank.request_id': response.headers.get('x-request-id'),
      },
    });
    expect(send).toMatchObject({ service: 'reranker-gateway', kind: kinds.producer, parentSpanId: http?.spanId });
    expect(job).toMatchObject({ service: 'reranker-worker', kind: kinds.consumer, parentSpanId: send?.spanId });
    expect(spans.get('encode')).toMatchObject({ kind: kinds.internal, parentSpanId: job?.spanId });
    expect(spans.get('batch')).toMatchObject({ kind: kinds.internal, parentSpanId: job?.spanId, links: [] });
    expect(collector.exports[0]).toMatchObject({ path: '/v1/traces', contentType: 'application/json' });
  });

  it('puts the trace on the latency histograms of both', async () => {
    expect(exemplarsOf(await metricsPage(gateway), traceId)).toEqual(new Set(['reranker_request_duration_seconds']));
    expect(exemplarsOf(await metricsPage(worker), traceId)).toEqual(
      new Set([
        'reranker_queue_wait_seconds',
        'reranker_tokenize_duration_seconds',
        'reranker_inference_duration_seconds',
      ]),
    );
  });

  it('starts a trace for a caller without one, and records none that the caller does not sample', async () => {
    const quiet = 'a'.repeat(32);
    await rank(gateway, `00-${quiet}-${callerSpanId}-00`);
    await rank(gateway, 'nonsense');
    const own = () => collector.spans().filter((span) => span.traceId !== traceId);
    await until(() => own().length >= 5);
    expect(new Set(own().map((span) => span.traceId)).size).toBe(1);
    expect(own().find((span) => span.name === 'POST /v1/rerank')?.parentSpanId).toBeUndefined();
    expect(JSON.stringify(collector.spans())).not.toContain(quiet);
    expect(await metricsPage(gateway)).not.toContain(quiet);
  });

  it('records the error code of a refused request', async () => {
    const refused = 'b'.repeat(32);
    const traceparent = `00-${refused}-${callerSpanId}-01`;
    await post(`${gateway.url}/v2/rerank`, { ...body, model: words[0] }, { headers: { traceparent } });
    const spans = await spansOf(refused, 1);
    expect([...spans.values()]).toMatchObject([
      { name: 'POST /v2/rerank', attributes: { 'http.response.status_code': 404, 'error.type': 'model_not_found' } },
    ]);
  });

  it('exports and logs no text of a request', () => {
    const printed = gateway.output() + worker.output() + collector.exports.map(({ body }) => body.toString()).join();
    expect(printed).toContain('process');
    for (const word of words) expect(printed).not.toContain(word);
  });
});

describe('tracing by configuration', () => {
  let collector: Collector;
  let fleet: TestFleet;
  let coverage: string;

  beforeEach(async () => {
    collector = await startCollector();
    fleet = await startFleet();
    coverage = await mkdtemp(join(tmpdir(), 'rerank-coverage-'));
  });
  afterEach(async () => {
    await fleet.stop();
    await collector.close();
    await rm(coverage, { recursive: true });
  }, 30_000);

  /**
   * Modules of the SDK that a process has run: a bundle contains each as a function that is named after its file. The
   * API package is not included, because the metrics library loads it.
   */
  const sdkModulesRun = async (member: Member): Promise<string[]> => {
    await terminate(member.process, 'SIGTERM');
    const [file] = (await readdir(coverage)).filter((name) => name.includes(`-${member.process.pid}-`));
    const { result } = JSON.parse(await readFile(join(coverage, String(file)), 'utf8')) as {
      result: { functions: { functionName: string; ranges: { count: number }[] }[] }[];
    };
    const run = result.flatMap(({ functions }) => functions).filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
    expect(run.length).toBeGreaterThan(100);
    return run
      .map(({ functionName }) => functionName)
      .filter((name) => /node_modules\/@opentelemetry\/(?!api\/)/.test(name));
  };

  it('does not load the SDK when no variable enables it', async () => {
    const env = { NODE_V8_COVERAGE: coverage };
    const members = [await fleet.startWorker(env), await fleet.startGateway(env)];
    expect((await rank(members[1] as Member, `00-${traceId}-${callerSpanId}-01`)).status).toBe(200);
    for (const member of members) {
      expect(exemplarsOf(await metricsPage(member), traceId).size).toBe(0);
      expect(await sdkModulesRun(member)).toEqual([]);
    }
  }, 60_000);

  it('loads and sends nothing when the SDK is disabled, although a collector is configured', async () => {
    const env = { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_V8_COVERAGE: coverage };
    await fleet.startWorker();
    const gateway = await fleet.startGateway(env);
    expect((await rank(gateway, `00-${traceId}-${callerSpanId}-01`)).status).toBe(200);
    expect(await sdkModulesRun(gateway)).toEqual([]);
    expect(collector.connections()).toBe(0);
  }, 60_000);

  it('sends protobuf by default, and flushes when it ends', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_V8_COVERAGE: coverage };
    await fleet.startWorker();
    const gateway = await fleet.startGateway(env);
    await rank(gateway, `00-${traceId}-${callerSpanId}-01`);
    expect(await sdkModulesRun(gateway)).not.toEqual([]);
    expect(gateway.process.exitCode).toBe(0);
    expect(collector.exports).toMatchObject([{ path: '/v1/traces', contentType: 'application/x-protobuf' }]);
    expect(collector.exports[0]?.body.toString('latin1')).toContain('POST /v1/rerank');
  }, 60_000);

  it('refuses an unsupported protocol by name', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    await expect(fleet.startGateway(env)).rejects.toThrow(
      'OTEL_EXPORTER_OTLP_PROTOCOL: is not allowed (allowed: one of http/protobuf, http/json)',
    );
  });
});

describe('a collector that does not work', () => {
  let hanging: Collector;
  let fleet: TestFleet;

  beforeEach(async () => {
    hanging = await startCollector({ hangs: true });
    fleet = await startFleet();
  });
  afterEach(async () => {
    await fleet.stop();
    await hanging.close();
  }, 30_000);

  it.each([
    ['is not there', closedPort],
    ['never answers', async () => hanging.url],
  ])(
    'and %s neither fails a request nor holds up the end',
    async (_how, endpoint) => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: await endpoint(), OTEL_BSP_SCHEDULE_DELAY: '10' };
      const members = [await fleet.startGateway(env), await fleet.startWorker(env)] as const;
      for (let request = 0; request < 20; request++) {
        expect((await rank(members[0], `00-${traceId}-${callerSpanId}-01`)).status).toBe(200);
      }
      expect(await fleet.stop()).toEqual([0, 0]);
      for (const member of members) {
        expect(member.output()).toContain('the last spans were not exported');
        expect(member.output().match(/"level":"warn"/g)?.length).toBeLessThan(4);
      }
    },
    60_000,
  );
});

/** A URL on which no server listens. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
