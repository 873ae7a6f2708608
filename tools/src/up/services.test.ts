import type { UpConfig } from './config';
import { planProbe, planServices } from './services';

const config: UpConfig = {
  port: 8080,
  host: '0.0.0.0',
  workers: 2,
  sessionsPerWorker: 4,
  models: [],
  modelsDir: undefined,
  dataDir: undefined,
  redis: undefined,
  apiKey: undefined,
  once: false,
  board: undefined,
  probe: true,
  observe: undefined,
};
const around = { root: '/repo', redisUrl: 'redis://127.0.0.1:7', gatewayPort: 0, boardPort: 9 };

it('plans the workers by number and one gateway, all on the same Redis and on free ops ports', () => {
  const services = planServices(config, around);
  expect(services.map(({ name }) => name)).toEqual(['worker-1', 'worker-2', 'gateway']);
  for (const { env } of services) expect(env).toMatchObject({ REDIS_URL: 'redis://127.0.0.1:7', OPS_PORT: '0' });
});

it("configures the gateway's address, and each worker's share of the cores and models folder", () => {
  const [worker, , gateway] = planServices(config, around);
  expect(gateway?.env).toMatchObject({ HOST: '0.0.0.0', PORT: '0' });
  expect(worker?.env).toMatchObject({ SESSIONS: '4', MODELS_DIR: '/repo/models', DEFAULT_BUNDLE: 'true' });
  expect(worker?.env).not.toHaveProperty('MODEL');
});

it('leaves the number of sessions on a device to the worker', () => {
  expect(planServices({ ...config, sessionsPerWorker: undefined }, around)[0]?.env).not.toHaveProperty('SESSIONS');
});

it('passes on the bundle and its folder, and gives a single worker no number', () => {
  const services = planServices({ ...config, workers: 1, models: ['other@2'], modelsDir: '/m' }, around);
  expect(services[0]).toMatchObject({ name: 'worker', env: { MODEL: 'other@2', MODELS_DIR: '/m' } });
});

it('plans workers for each model, with the first model as the default', () => {
  const workers = planServices({ ...config, models: ['a', 'b@2'] }, around).filter(({ app }) => app === 'worker');
  const facts = workers.map(({ name, env }) => [name, env['MODEL'], env['DEFAULT_BUNDLE']]);
  expect(facts).toEqual([
    ['worker-1', 'a', 'true'],
    ['worker-2', 'a', 'true'],
    ['worker-3', 'b@2', 'false'],
    ['worker-4', 'b@2', 'false'],
  ]);
});

it('plans a queue board if it is enabled, with its port and its password', () => {
  const services = planServices({ ...config, board: { port: 8081, password: 'open sesame' } }, around);
  expect(services.map(({ name }) => name)).toEqual(['worker-1', 'worker-2', 'gateway', 'queue-board']);
  expect(services[3]?.env).toMatchObject({ HOST: '0.0.0.0', PORT: '9', BOARD_PASSWORD: 'open sesame' });
});

it.each([
  [undefined, {}],
  ['k1', { API_KEY: 'k1' }],
])('plans the quality probe with the address of the gateway, and with the key %s', (apiKey, keys) => {
  const { env } = planProbe('/repo', { gatewayUrl: 'http://127.0.0.1:1', apiKey });
  expect(env).toEqual({ GATEWAY_URL: 'http://127.0.0.1:1', OPS_HOST: '127.0.0.1', OPS_PORT: '0', ...keys });
});
