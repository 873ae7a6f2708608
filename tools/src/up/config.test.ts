import fc from 'fast-check';
import { parseUpConfig, sessionsPerWorker, usage } from './config';

const parse = (args: string[], env: NodeJS.ProcessEnv) => parseUpConfig(args, env, 8);

it('starts one worker with all cores and the gateway on 127.0.0.1:8080 by default', () => {
  expect(parse([], {})).toEqual({
    ok: true,
    config: {
      port: 8080,
      host: '127.0.0.1',
      workers: 1,
      sessionsPerWorker: 8,
      models: [],
      modelsDir: undefined,
      dataDir: undefined,
      redis: undefined,
      apiKey: undefined,
      once: false,
      board: { port: 8081, password: expect.stringMatching(/^[\w-]{12}$/) as string },
      probe: true,
      observe: undefined,
    },
  });
});

it('generates a new password for the board each time, unless one is given or there is no board', () => {
  const board = (env: NodeJS.ProcessEnv) => {
    const parsed = parse([], env);
    return parsed.ok ? parsed.config.board : undefined;
  };
  expect(board({})?.password).not.toBe(board({})?.password);
  expect(board({ BOARD_PASSWORD: 'open sesame', BOARD_PORT: '0' })).toEqual({ port: 0, password: 'open sesame' });
  expect(board({ QUEUE_BOARD: 'false' })).toBeUndefined();
});

it.each([
  { args: ['--observe'], longTerm: false },
  { args: ['--long-term'], longTerm: true },
])('watches the fleet with $args', ({ args, longTerm }) => {
  const env = { OBSERVE_INTERVAL_S: '2', ALERT_WEBHOOK_URL: 'http://127.0.0.1:1/' };
  expect(parse(args, env)).toMatchObject({
    ok: true,
    config: { observe: { longTerm, intervalS: 2, webhookUrl: 'http://127.0.0.1:1/' } },
  });
});

it('reads every variable and --once', () => {
  const env = {
    PORT: '0',
    HOST: '::1',
    WORKERS: '3',
    MODEL: 'm@2, other',
    MODELS_DIR: '/m',
    DATA_DIR: '/d',
    REDIS_URL: 'redis://r:1',
    API_KEYS: 'k1, k2',
    QUALITY_PROBE: 'false',
  };
  expect(parse(['--once'], env)).toMatchObject({
    ok: true,
    config: {
      port: 0,
      host: '::1',
      workers: 3,
      sessionsPerWorker: 1,
      models: ['m@2', 'other'],
      modelsDir: '/m',
      dataDir: '/d',
      redis: expect.objectContaining({ kind: 'single', addresses: [{ host: 'r', port: 1 }] }),
      apiKey: 'k1',
      probe: false,
      once: true,
    },
  });
});

it('counts an empty variable as absent', () => {
  expect(parse([], { PORT: '', REDIS_URL: '' })).toMatchObject({
    ok: true,
    config: { port: 8080, redis: undefined },
  });
});

it.each(['WORKERS=0', 'WORKERS=1.5', 'PORT=65536', 'PORT=http', 'REDIS_URL=http://secret'])(
  'refuses %s, naming the variable and not its value',
  (assignment) => {
    const [name = '', value = ''] = assignment.split('=');
    const parsed = parse([], { [name]: value });
    expect(parsed).toEqual({ ok: false, message: expect.stringContaining(name) });
    expect(parsed).not.toEqual({ ok: false, message: expect.stringContaining('secret') });
  },
);

it('refuses an unknown argument with the usage', () => {
  expect(parse(['--once', '--twice'], {})).toEqual({ ok: false, message: `unknown argument --twice\n\n${usage()}` });
});

it('leaves the number of sessions on a device to the worker', () => {
  expect(parse([], { PROVIDER: 'cuda' })).toMatchObject({ config: { sessionsPerWorker: undefined } });
});

it('gives each worker at least one session, and not more sessions than cores when there is a core for each worker', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 64 }), (cores, workers) => {
      const sessions = sessionsPerWorker(cores, workers);
      expect(sessions).toBeGreaterThanOrEqual(1);
      if (workers <= cores) expect(sessions * workers).toBeLessThanOrEqual(cores);
    }),
  );
});
