import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { openQueueObserver, type QueueObserver, type RedisServer } from '@rerank-fleet/queue';
import { createSecret } from '@rerank-fleet/service-shell';
import { createApp } from './app';
import { createBoard, type Board } from './board';

export const password = 'correct-horse';
export const basic = `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;

/** A board on a free port, over real queues. */
export interface TestBoard {
  url: string;
  observer: QueueObserver;
  board: Board;
  close(): Promise<void>;
}

export async function startBoard(options: { redis: RedisServer; prefix: string; isWritable?: boolean }) {
  const { redis, prefix, isWritable = false } = options;
  const observer = openQueueObserver({ redis, prefix, onError: () => undefined });
  const uiFolder = dirname(require.resolve('@bull-board/ui/package.json'));
  const board = createBoard({ observer, isWritable, logger: { error: () => undefined }, uiFolder });
  const app = createApp({ board, isWritable, password: createSecret(password), secureCookie: false });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: TestBoard = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    observer,
    board,
    close: () => closeAll(server, observer),
  };
  return started;
}

async function closeAll(server: Server, observer: QueueObserver): Promise<void> {
  await observer.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
