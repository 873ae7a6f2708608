import { parentPort } from 'node:worker_threads';

/** A call to a thread and its reply, in the format that the worker app uses between its threads. */
export interface Call<Argument> {
  id: number;
  argument: Argument;
}
export type Reply<Value> =
  { id: number; ok: true; value: Value } | { id: number; ok: false; failure: { kind: 'failed'; message: string } };

/** Serves calls in a thread, one after the other, until the message `close`. */
export function serveCalls<Argument, Value>(
  handle: (argument: Argument) => Promise<Value>,
  close: () => Promise<void> = async () => undefined,
): void {
  const port = parentPort;
  if (!port) throw new Error('this file runs in a worker thread');
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', (message: Call<Argument> | 'close') => {
    if (message === 'close') {
      last = last.then(close).then(() => port.close());
      return;
    }
    last = last.then(async () => {
      const reply = await handle(message.argument).then(
        (value): Reply<Value> => ({ id: message.id, ok: true, value }),
        (error: Error): Reply<Value> => ({
          id: message.id,
          ok: false,
          failure: { kind: 'failed', message: error.message },
        }),
      );
      port.postMessage(reply);
    });
  });
}
