import { fetchFleet } from './fleet';
import { startStandIn } from './testing';

const fleet = {
  object: 'fleet',
  redis: 'up',
  gateways: 2,
  workers: 3,
  queued_tokens: 1234,
  queued_bytes: 56789,
  tokens_per_second: 2700.5,
  models: [
    {
      name: 'e5',
      version: '1',
      queue: 'e5@1',
      is_default: true,
      head: 'late-interaction',
      dtype: 'int8',
      provider: 'cpu',
      takes_instruction: false,
      max_length_tokens: 512,
      workers: 3,
      sessions: 6,
      queued_tokens: 1234,
      tokens_per_second: null,
      drain_seconds: null,
      limit_tokens: 81000,
    },
  ],
  links: { grafana: 'http://grafana:3000', queue_board: null },
};

async function fetched(body: unknown, status = 200) {
  const gateway = await startStandIn(() => ({ body, status }));
  try {
    const result = await fetchFleet({ baseUrl: gateway.url, signal: new AbortController().signal });
    return { result, seen: gateway.requests[0] };
  } finally {
    await gateway.close();
  }
}

test('the fleet comes with its models and links', async () => {
  const { result, seen } = await fetched(fleet);
  expect(seen).toMatchObject({ method: 'GET', path: '/v1/fleet' });
  expect(result).toEqual({
    ok: true,
    value: {
      redis: 'up',
      gateways: 2,
      workers: 3,
      queuedTokens: 1234,
      queuedBytes: 56789,
      tokensPerSecond: 2700.5,
      models: [
        {
          name: 'e5',
          version: '1',
          queue: 'e5@1',
          isDefault: true,
          head: 'late-interaction',
          dtype: 'int8',
          provider: 'cpu',
          takesInstruction: false,
          maxLengthTokens: 512,
          workers: 3,
          sessions: 6,
          queuedTokens: 1234,
          tokensPerSecond: null,
          drainSeconds: null,
          limitTokens: 81000,
        },
      ],
      links: { grafana: 'http://grafana:3000', queueBoard: null },
    },
  });
});

test('a fleet whose Redis is away is a fleet', async () => {
  expect((await fetched({ ...fleet, redis: 'away' })).result).toMatchObject({ ok: true, value: { redis: 'away' } });
});

test.each([
  ['an unknown state of Redis', { ...fleet, redis: 'gone' }],
  ['no models', { ...fleet, models: undefined }],
  ['a model without a name', { ...fleet, models: [{ ...fleet.models[0], name: undefined }] }],
  ['no links', { ...fleet, links: undefined }],
])('a fleet with %s is unexpected', async (_, body) => {
  expect((await fetched(body)).result).toMatchObject({ ok: false, failure: { kind: 'unexpected' } });
});

test('a missing key is a failure', async () => {
  const error = { message: 'No key.', code: 'unauthorized', param: null };
  expect((await fetched({ message: 'No key.', error }, 401)).result).toMatchObject({
    ok: false,
    failure: { kind: 'unauthorized', message: 'No key.' },
  });
});
