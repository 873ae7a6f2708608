import { createBullBoard } from '@bull-board/api';
import type { QueueObserver } from '@rerank-fleet/queue';
import type { Logger } from '@rerank-fleet/service-shell';
import type { RequestHandler } from 'express';
import { OwnPlaceAdapter } from './own-place';
import { RedactingAdapter } from './redacting-adapter';

export interface BoardOptions {
  observer: Pick<QueueObserver, 'bullQueue'>;
  isWritable: boolean;
  logger: Pick<Logger, 'error'>;
  /** Folder of the package `@bull-board/ui`. */
  uiFolder: string;
}

/** bull-board over the queues of the fleet. */
export interface Board {
  pages: RequestHandler;
  /** Shows exactly these queues from now on. */
  show(queues: readonly string[]): void;
}

/** Makes the board; it shows no queue before it is told of one. */
export function createBoard({ observer, isWritable, logger, uiFolder }: BoardOptions): Board {
  const server = new OwnPlaceAdapter();
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
        // it would ask Redis for all its clients at each poll; the fleet's registry says how many workers there are
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
        // a job that failed cannot help its caller any more, who has gone: there is nothing to retry for
        const options = { readOnlyMode: !isWritable, allowRetries: false };
        const adapter = new RedactingAdapter(observer.bullQueue(name), options);
        board.addQueue(adapter);
        shown.set(name, adapter);
      }
    },
  };
}
