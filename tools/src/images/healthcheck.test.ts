import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

const script = resolve(__dirname, '../../../deploy/docker/healthcheck.mjs');

let server: Server;
let status: number;
let asked: string | undefined;
beforeEach(async () => {
  asked = undefined;
  server = createServer(({ url }, response) => {
    asked = url;
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

/** Exit code of the check for the address of an ops server. */
function check(host: string, port: number): Promise<number> {
  const env = { OPS_HOST: host, OPS_PORT: String(port) };
  return new Promise((done) =>
    execFile(process.execPath, [script], { env }, (error) => done(Number(error?.code ?? 0))),
  );
}
const port = () => (server.address() as AddressInfo).port;

it('passes when the app is ready, by loopback when it listens on all interfaces', async () => {
  status = 200;
  expect(await check('0.0.0.0', port())).toBe(0);
  expect(asked).toBe('/ready');
  expect(await check('127.0.0.1', port())).toBe(0);
});

it('fails when the app is not ready', async () => {
  status = 503;
  expect(await check('0.0.0.0', port())).toBe(1);
  expect(asked).toBe('/ready');
});

it('fails when nothing listens', async () => {
  const closed = port();
  server.close();
  await once(server, 'close');
  expect(await check('0.0.0.0', closed)).toBe(1);
});
