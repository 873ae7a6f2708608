import { get, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLogger } from '../logging/logger';
import type { OpsServer, OpsServerOptions } from './ops-server';
import { startOpsServer } from './ops-server';

const lines: string[] = [];
const logger = createLogger({ app: 'test', level: 'error', destination: { write: (line) => lines.push(line) } });
const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};
/** The headers of real scrapers, as they were recorded. */
const acceptOf = {
  prometheus242:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
    'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  prometheus3:
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,' +
    'application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,' +
    'text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
};
const opened: OpsServer[] = [];

async function start(options: Partial<OpsServerOptions> = {}): Promise<OpsServer> {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    metrics: { render: async (format = 'text') => `# ${format}\na 1\n` },
    isReady: () => ({ ready: true, reasons: [] }),
    logger,
    ...options,
  });
  opened.push(server);
  return server;
}

afterEach(async () => {
  lines.length = 0;
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** `fetch` would add an `accept` header of its own. */
function ask(target: RequestOptions) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    get(target, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
    }).once('error', reject);
  });
}

describe('the ops server', () => {
  test.each([
    ['openMetrics', 'what Prometheus 2.42 sends', acceptOf.prometheus242],
    ['openMetrics', 'what Prometheus 3 sends', acceptOf.prometheus3],
    ['openMetrics', 'its name alone', 'application/openmetrics-text'],
    ['openMetrics', 'its name in other letters', 'Application/OpenMetrics-Text; version=1.0.0; charset=utf-8'],
    ['openMetrics', 'a small preference', 'text/plain;q=0.4, application/openmetrics-text;q=0.5'],
    ['openMetrics', 'no text at all', 'text/plain;q=0, application/openmetrics-text;q=0.1'],
    ['text', 'what VictoriaMetrics sends', 'text/plain;version=0.0.4;q=1,*/*;q=0.1'],
    ['text', 'text of the version that all read', 'text/plain;version=0.0.4'],
    ['text', 'text first', 'text/plain;version=0.0.4, application/openmetrics-text'],
    ['text', 'a preference for anything else', 'application/openmetrics-text;q=0.5, */*'],
    ['text', 'no OpenMetrics', 'application/openmetrics-text;q=0, */*;q=0.1'],
    ['text', 'any text', 'text/*'],
    ['text', 'anything', '*/*'],
    ['text', 'what a browser sends', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['text', 'only what there is not', 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily'],
    ['text', 'only a family of types', 'application/*'],
    ['text', 'nothing', ''],
    ['text', 'nonsense', ';;=,/,"'],
    ['text', 'a quality that is no number', 'application/openmetrics-text;q=high'],
  ] as const)('serves metrics as %s to who asks for %s', async (format, _what, accept) => {
    const response = await ask({ port: (await start()).port, path: '/metrics', headers: { accept } });
    expect(response).toMatchObject({ status: 200, body: `# ${format}\na 1\n` });
    expect(response.headers).toMatchObject({ 'content-type': contentTypes[format], vary: 'accept' });
  });

  test('serves metrics as text to who sends no accept header', async () => {
    const response = await ask({ port: (await start()).port, path: '/metrics' });
    expect(response.headers['content-type']).toBe(contentTypes.text);
  });

  test('says why it is not ready, and still lives and serves metrics', async () => {
    const { url } = await start({ isReady: () => ({ ready: false, reasons: ['redis does not answer'] }) });
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reasons: ['redis does not answer'] }]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  test('asks for readiness anew each time', async () => {
    let ready = false;
    const { url } = await start({ isReady: () => ({ ready, reasons: [] }) });
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    ready = true;
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  test('answers 503 when readiness cannot be checked', async () => {
    const { url } = await start({
      isReady: () => {
        throw new Error('broken');
      },
    });
    const response = await fetch(`${url}/ready`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('broken');
    expect(lines.join('')).toContain('broken');
  });

  test('answers 500 without detail when the metrics cannot be rendered', async () => {
    const render = () => Promise.reject(new Error('broken'));
    const { url } = await start({ metrics: { render } });
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('broken');
    expect(lines).toHaveLength(1);
  });

  test.each(['/', '/nothing', '/metrics/x', '/%ff', '/%'])('answers 404 as JSON for %s', async (path) => {
    const response = await fetch((await start()).url + path);
    expect([response.status, await response.json()]).toEqual([404, { error: 'not found' }]);
    expect(response.headers.has('x-powered-by')).toBe(false);
  });

  test('answers in JSON where Express and Node would not', async () => {
    const { port } = await start();
    const statuses = [
      ['http://user%@host/x', {}, 404],
      ['http://[::1/metrics', {}, 400],
      ['/metrics', { expect: 'more' }, 417],
    ] as const;
    for (const [path, headers, status] of statuses) {
      const answer = await ask({ port, path, headers });
      expect([answer.status, JSON.parse(answer.body)]).toEqual([status, { error: expect.any(String) }]);
    }
  });

  test('answers 404 to another verb', async () => {
    expect((await fetch(`${(await start()).url}/health`, { method: 'POST' })).status).toBe(404);
  });

  test('takes another port only with the fallback, and reports it', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const moved = await start({ port, portFallback: true });
    expect(moved.fellBack).toBe(true);
    expect((await fetch(`${moved.url}/health`)).status).toBe(200);
  });

  test('stops listening when closed, kept-alive connections included', async () => {
    const { url, close } = await start();
    await (await fetch(`${url}/health`)).text();
    await close();
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });
});
