import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { diag } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { startTestTracing } from '../testing';
import { noSpan, sampledTraceId } from './span';
import { noTracing, startTracing } from './tracing';
import { startSdk } from './tracing-sdk';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${spanId}-01`;
const silent = { info: () => undefined, warn: () => undefined };

describe('tracing that is off', () => {
  const tracing = startTracing({ app: 'gateway', env: {}, logger: silent });

  it('is one object for all', () => expect(tracing).toBe(noTracing));

  it('passes the trace of a caller on as it came, and none that is invalid', () => {
    const span = tracing.startSpan('any', { parent: traceparent });
    expect(span).toMatchObject({ traceparent, traceId, isSampled: false });
    expect(sampledTraceId(span)).toBeUndefined();
    expect(tracing.startSpan('any', { parent: 'nonsense' }).traceparent).toBeUndefined();
  });

  it('makes nothing for a child or for a request without a trace', () => {
    const span = tracing.startSpan('any', { parent: traceparent });
    expect(tracing.startSpan('child', { parent: span })).toBe(span);
    expect(tracing.startSpan('any')).toBe(noSpan);
    expect(tracing.startSpan('any', { kind: 'server', parent: undefined })).toBe(noSpan);
  });

  it('loads no module of the SDK', () => {
    const loaded = (env: Record<string, string>) => {
      const script = `
        const { startTracing } = require(${JSON.stringify(join(__dirname, 'tracing.ts'))});
        startTracing({ app: 'gateway', env: ${JSON.stringify(env)}, logger: { info() {}, warn() {} } });
        console.log(Object.keys(require.cache).filter((file) => file.includes('@opentelemetry')).length);`;
      const flags = ['--conditions=@rerank-fleet/source', '--import', 'tsx', '-e', script];
      return Number(execFileSync(process.execPath, flags, { cwd: __dirname, encoding: 'utf8' }));
    };
    expect(loaded({})).toBe(0);
    expect(loaded({ OTEL_TRACES_EXPORTER: 'none' })).toBe(0);
    expect(loaded({ OTEL_TRACES_EXPORTER: 'console' })).toBeGreaterThan(100);
  });
});

describe('tracing that is on', () => {
  it('continues the trace of a caller, and gives the context for the next process', () => {
    const { tracing, ended } = startTestTracing();
    const server = tracing.startSpan('server', { kind: 'server', parent: traceparent });
    const producer = tracing.startSpan('producer', { kind: 'producer', parent: server });
    const consumer = tracing.startSpan('consumer', { kind: 'consumer', parent: producer.traceparent });
    for (const span of [consumer, producer, server]) span.end();
    const byName = Object.fromEntries(ended.map((span) => [span.name, span]));
    expect(new Set(ended.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(byName['server']).toMatchObject({ kind: 'server', parentSpanId: spanId });
    expect(byName['producer']).toMatchObject({ kind: 'producer', parentSpanId: byName['server']?.spanId });
    expect(byName['consumer']).toMatchObject({ kind: 'consumer', parentSpanId: byName['producer']?.spanId });
    expect(producer.traceparent).toBe(`00-${traceId}-${byName['producer']?.spanId}-01`);
    expect(sampledTraceId(server)).toBe(traceId);
  });

  it('begins a trace for a caller without one, or with an invalid one', () => {
    const { tracing } = startTestTracing();
    const [one, other] = [tracing.startSpan('one'), tracing.startSpan('other', { parent: 'nonsense' })];
    expect(one.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(other.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(one.traceId).not.toBe(other.traceId);
  });

  it('records nothing of a trace that the caller does not record, and says so to the next process', () => {
    const { tracing, ended, open } = startTestTracing();
    const span = tracing.startSpan('server', { parent: `00-${traceId}-${spanId}-00` });
    span.setAttributes({ any: 1 });
    span.fail('internal');
    span.end();
    expect(span).toMatchObject({ traceId, isSampled: false, traceparent: expect.stringMatching(/-00$/) as unknown });
    expect(sampledTraceId(span)).toBeUndefined();
    expect([ended, open()]).toEqual([[], []]);
  });

  it('keeps links, attributes, a failure and given times, and ignores what comes after the end', () => {
    const { tracing, ended } = startTestTracing();
    const nowMs = performance.now();
    const other = tracing.startSpan('other');
    const span = tracing.startSpan('span', { links: [other, noSpan], startedAtMs: nowMs - 50 });
    span.setAttributes({ count: 3 });
    span.fail('internal');
    span.end(nowMs - 40);
    span.setAttributes({ late: true });
    other.end();
    expect(ended[0]).toMatchObject({ failed: true, links: [ended[1]?.spanId] });
    expect(ended[0]?.attributes).toEqual({ count: 3, 'error.type': 'internal' });
    expect(ended[0]?.durationMs).toBeCloseTo(10, 3);
  });
});

describe('the end of a process', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    diag.disable();
  });

  const start = () => {
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (event: string) => void warnings.push(event) };
    return {
      tracing: startSdk({ app: 'gateway', config: { exporters: [], protocol: 'http/json' }, logger }),
      warnings,
    };
  };

  it('waits for the last export', async () => {
    const shutdown = jest.spyOn(BasicTracerProvider.prototype, 'shutdown').mockResolvedValue();
    const { tracing, warnings } = start();
    await tracing.shutdownStep.run();
    expect(shutdown).toHaveBeenCalledTimes(1);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('refused'))],
    ['hangs', () => new Promise<void>(() => undefined)],
  ])('goes on with a warning when that %s', async (_how, end) => {
    jest.useFakeTimers();
    try {
      jest.spyOn(BasicTracerProvider.prototype, 'shutdown').mockImplementation(end);
      const { tracing, warnings } = start();
      const ending = tracing.shutdownStep.run();
      await jest.advanceTimersByTimeAsync(1_000);
      await ending;
      expect(warnings).toEqual(['the last spans were not exported']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('logs the errors of the SDK, one line per minute', () => {
    const { warnings } = start();
    for (let fault = 0; fault < 100; fault++) diag.error('no good');
    diag.debug('not a fault');
    expect(warnings).toEqual(['the tracing SDK reports a problem']);
  });
});
