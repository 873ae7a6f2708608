// What HEALTHCHECK runs in a container: exit 0 when the app says that it is ready, else 1. It needs no curl.
import { get } from 'node:http';

const { OPS_HOST, OPS_PORT } = process.env;
const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const address = { host: loopback[OPS_HOST] ?? OPS_HOST, port: OPS_PORT, path: '/ready', timeout: 2_000 };

get(address, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
