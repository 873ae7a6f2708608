import { openSubmitConnection } from './connections';
import type { RedisServer } from './server';

const addresses = [{ host: '127.0.0.1', port: 1 }];

test.each<RedisServer>([
  { kind: 'single', addresses },
  { kind: 'sentinel', addresses, masterName: 'fleet' },
  { kind: 'cluster', addresses },
])('an address at which nothing listens is told as such: $kind', async (server) => {
  const error = await new Promise<Error>((resolve) => {
    const redis = openSubmitConnection(server, {
      onError(_role, told) {
        redis.disconnect();
        resolve(told);
      },
    });
  });
  expect(error.cause ?? error).toMatchObject({ code: 'ECONNREFUSED' });
});
