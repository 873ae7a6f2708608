// The command of HEALTHCHECK: exit code 0 when /ready of the app answers 200, otherwise 1. It needs no curl.
import { get } from 'node:http';

const { OPS_HOST, OPS_PORT } = process.env;
const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const address = { host: loopback[OPS_HOST] ?? OPS_HOST, port: OPS_PORT, path: '/ready', timeout: 2_000 };

get(address, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
