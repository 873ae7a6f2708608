import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import type { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { openQueueObserver, type QueueObserver, type RedisServer } from '@rerank-fleet/queue';
import { createSecret } from '@rerank-fleet/service-shell';
import express, { type RequestHandler } from 'express';
import { createBoardServer, type AppOptions } from './app';
import { createBoard, type Board } from './board';
import { RelativeBaseAdapter } from './relative-base';

const uiFolder = dirname(require.resolve('@bull-board/ui/package.json'));

export const password = 'correct-horse';
export const basic = `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;

/** A board on a free port, over real queues. */
export interface TestBoard {
  url: string;
  observer: QueueObserver;
  board: Board;
  /** Its log output. */
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

/** A board of one queue under a path, without the password and the list of allowed calls that protect ours. */
export async function serveUnprotected(adapter: BullMQAdapter, path = '/'): Promise<{ server: Server; url: string }> {
  const serverAdapter = new RelativeBaseAdapter();
  serverAdapter.setErrorHandler(() => ({ status: 500, body: {} }));
  createBullBoard({ queues: [adapter], serverAdapter, options: { uiBasePath: uiFolder } });
  const server = express()
    .use(path, serverAdapter.getRouter() as RequestHandler)
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
