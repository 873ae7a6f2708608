import { startTestRedis } from '@rerank-fleet/queue/testing';

type Client = Awaited<ReturnType<typeof startTestRedis>>['client'];

/**
 * Redis clients with the same library and settings as the queue. They are copies of a test server's client, because
 * only the queue may import the library.
 */
export async function connectPlain(redisUrl: string, count: number): Promise<Client[]> {
  const { hostname, port } = new URL(redisUrl);
  const scratch = await startTestRedis();
  const clients = Array.from({ length: count }, () => {
    const client = scratch.client.duplicate({ path: '', host: hostname, port: Number(port) });
    client.on('error', () => undefined);
    return client;
  });
  await scratch.stop();
  return clients;
}
