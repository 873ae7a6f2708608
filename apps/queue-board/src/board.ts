import { createBullBoard } from '@bull-board/api';
import type { QueueObserver } from '@rerank-fleet/queue';
import type { Logger } from '@rerank-fleet/service-shell';
import type { RequestHandler } from 'express';
import { RelativeBaseAdapter } from './relative-base';
import { RedactingAdapter } from './redacting-adapter';

export interface BoardOptions {
  observer: Pick<QueueObserver, 'bullQueue'>;
  isWritable: boolean;
  logger: Pick<Logger, 'error'>;
  /** Folder of the package `@bull-board/ui`. */
  uiFolder: string;
}

/** bull-board with the queues of the fleet. */
export interface Board {
  pages: RequestHandler;
  /** Replaces the displayed queues. */
  show(queues: readonly string[]): void;
}

/** Creates the board, without queues until the first call of `show`. */
export function createBoard({ observer, isWritable, logger, uiFolder }: BoardOptions): Board {
  const server = new RelativeBaseAdapter();
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: {
      uiBasePath: uiFolder,
      uiConfig: {
        boardTitle: 'Rerank Fleet',
        environment: { label: isWritable ? 'writable' : 'read-only', color: isWritable ? '#b45309' : '#475569' },
        hideRedisDetails: true,
        hideDocsLink: true,
        miscLinks: [{ text: 'Log out', url: 'logout' }],
        // It would list all clients of Redis at each poll. The fleet's registry has the number of workers.
        showWorkers: false,
      },
    },
  });
  server.setErrorHandler((error) => {
    logger.error('the board failed', { error });
    return { status: 500, body: { error: 'The board could not read or change the queue. Its log says more.' } };
  });
  const shown = new Map<string, RedactingAdapter>();
  return {
    pages: server.getRouter() as RequestHandler,
    show(queues) {
      for (const [name, adapter] of shown) {
        if (queues.includes(name)) continue;
        board.removeQueue(adapter);
        shown.delete(name);
      }
      for (const name of queues) {
        if (shown.has(name)) continue;
        // The caller of a failed job no longer waits for it, so a retry would have no effect for the caller.
        const options = { readOnlyMode: !isWritable, allowRetries: false };
        const adapter = new RedactingAdapter(observer.bullQueue(name), options);
        board.addQueue(adapter);
        shown.set(name, adapter);
      }
    },
  };
}
