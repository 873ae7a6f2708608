import { createLogger } from './logger';
import type { OpsServer, OpsServerOptions } from './ops-server';
import { startOpsServer } from './ops-server';

const lines: string[] = [];
const logger = createLogger({ app: 'test', level: 'error', destination: { write: (line) => lines.push(line) } });
const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const opened: OpsServer[] = [];

async function start(options: Partial<OpsServerOptions> = {}): Promise<OpsServer> {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    metrics: { contentType, render: async () => 'a 1\n# EOF\n' },
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

describe('the ops server', () => {
  test('serves the metrics under exactly the type of their registry', async () => {
    const response = await fetch(`${(await start()).url}/metrics`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
    expect(await response.text()).toBe('a 1\n# EOF\n');
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
    const { url } = await start({ metrics: { contentType, render } });
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

  test('answers 404 to another verb', async () => {
    expect((await fetch(`${(await start()).url}/health`, { method: 'POST' })).status).toBe(404);
  });

  test('takes another port only when told to, and says so', async () => {
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
