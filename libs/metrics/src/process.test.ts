import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = `
const { createGatewayMetrics, createWorkerMetrics } = require(${JSON.stringify(join(__dirname, 'index.ts'))});
const gateway = createGatewayMetrics({ endpoints: [], heldBytes: { limitBytes: 1, now: () => 0 } });
const worker = createWorkerMetrics({ model: 'm', queue: 'm@1', provider: 'cpu', revision: 'r', dtype: 'f', sessions: 1 });
Promise.all([gateway.render(), worker.render()]).then((pages) => {
  const families = require('prom-client').register.getMetricsAsArray();
  console.log(JSON.stringify({ rendered: pages.every((page) => page.length > 0), global: families.length }));
});`;

test('metrics keep no process open, and the global registry stays empty', async () => {
  const args = ['--conditions=@rerank-fleet/source', '--import', 'tsx', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: __dirname, timeout: 25_000 });
  expect(JSON.parse(stdout)).toEqual({ rendered: true, global: 0 });
});
