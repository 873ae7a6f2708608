import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { openQueueObserver, type QueueObserver, type RedisServer } from '@rerank-fleet/queue';
import { createSecret } from '@rerank-fleet/service-shell';
import { createBoardServer, type AppOptions } from './app';
import { createBoard, type Board } from './board';

export const password = 'correct-horse';
export const basic = `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;

/** A board on a free port, over real queues. */
export interface TestBoard {
  url: string;
  observer: QueueObserver;
  board: Board;
  /** What it logged. */
  faults: unknown[];
  close(): Promise<void>;
}

interface TestBoardOptions extends Partial<Pick<AppOptions, 'isWritable' | 'secureCookie' | 'trustedProxies'>> {
  redis: RedisServer;
  prefix: string;
}

export async function startBoard(options: TestBoardOptions): Promise<TestBoard> {
  const { redis, prefix, isWritable = false, secureCookie = false, trustedProxies = [] } = options;
  const observer = openQueueObserver({ redis, prefix, onError: () => undefined });
  const uiFolder = dirname(require.resolve('@bull-board/ui/package.json'));
  const faults: unknown[] = [];
  const logger = { error: (...fault: unknown[]) => void faults.push(fault) };
  const board = createBoard({ observer, isWritable, logger, uiFolder });
  const secret = createSecret(password);
  const server = createBoardServer({ board, isWritable, password: secret, secureCookie, trustedProxies, logger });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    observer,
    board,
    faults,
    close: () => closeAll(server, observer),
  };
}

async function closeAll(server: Server, observer: QueueObserver): Promise<void> {
  await observer.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
