import { openSubmitConnection } from './connections';
import type { RedisServer } from './server';

const addresses = [{ host: '127.0.0.1', port: 1 }];

test.each<RedisServer>([
  { kind: 'single', addresses },
  { kind: 'sentinel', addresses, masterName: 'fleet' },
  { kind: 'cluster', addresses },
])('an address without a listener is reported as refused: $kind', async (server) => {
  const error = await new Promise<Error>((resolve) => {
    const redis = openSubmitConnection(server, {
      onError(_role, reported) {
        redis.disconnect();
        resolve(reported);
      },
    });
  });
  expect(error.cause ?? error).toMatchObject({ code: 'ECONNREFUSED' });
});
