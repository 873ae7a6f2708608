import { parentPort, type Worker } from 'node:worker_threads';

/** A failed call, as reported by a thread. It has only what the caller needs. */
export interface ThreadFailure {
  kind: 'out_of_memory' | 'failed';
  message: string;
}

/** The device of the thread is lost for good. The caller treats it like the end of the thread. */
export interface DeviceLost {
  kind: 'device_lost';
  message: string;
}

/** A call into a thread failed, or the thread ended. */
export class ThreadCallError extends Error {
  constructor(readonly failure: ThreadFailure) {
    super(failure.message);
  }
}

/** Whether a call failed because there was not enough memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof ThreadCallError && error.failure.kind === 'out_of_memory';
}

interface Call {
  id: number;
  argument: unknown;
}
type Reply = { id: number; ok: true; value: unknown } | { id: number; ok: false; failure: ThreadFailure | DeviceLost };

/** Makes calls into one thread. Answers may arrive in any order. */
export interface ThreadCaller<Argument, Value> {
  call(argument: Argument): Promise<Value>;
  /** Asks the thread to end after its current calls. Resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * The main thread's side. If a thread ends by itself or reports that its device is lost, all pending calls fail, and
 * this is reported once. The thread is not restarted, because the state of its device may be broken.
 */
export function callThread<Argument, Value>(
  worker: Worker,
  onDeath: (reason: string) => void,
): ThreadCaller<Argument, Value> {
  const pending = new Map<number, { resolve(value: Value): void; reject(error: Error): void }>();
  let nextId = 0;
  let closing = false;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let deathReason: string | undefined;
  const died = (reason: string) => {
    if (!closing && deathReason === undefined) onDeath(reason);
    deathReason ??= reason;
    for (const { reject } of pending.values()) reject(new ThreadCallError({ kind: 'failed', message: reason }));
    pending.clear();
  };
  const taken = (id: number) => {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  };
  worker.on('message', (reply: Reply) => {
    if (reply.ok) taken(reply.id)?.resolve(reply.value as Value);
    else if (reply.failure.kind === 'device_lost') died(reply.failure.message);
    else taken(reply.id)?.reject(new ThreadCallError(reply.failure));
  });
  worker.once('error', (error) => died(error.message));
  worker.once('exit', (code) => died(`the thread ended with code ${code}`));
  return {
    call(argument) {
      if (deathReason !== undefined) {
        return Promise.reject(new ThreadCallError({ kind: 'failed', message: deathReason }));
      }
      return new Promise((resolve, reject) => {
        const id = nextId++;
        pending.set(id, { resolve, reject });
        worker.postMessage({ id, argument } satisfies Call);
      });
    },
    async close() {
      closing = true;
      worker.postMessage('close');
      await exited;
    },
  };
}

export interface ThreadServer<Argument, Value> {
  handle(argument: Argument): Promise<Value>;
  failureOf(error: unknown): ThreadFailure | DeviceLost;
  close(): Promise<void>;
}

/** The thread's side. Calls run one after another, in the order in which they arrive. */
export function serveCalls<Argument, Value>({ handle, failureOf, close }: ThreadServer<Argument, Value>): void {
  const port = parentPort;
  if (!port) throw new Error('this file runs in a worker thread');
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', (message: Call | 'close') => {
    if (message === 'close') {
      last = last.then(close).then(() => port.close());
      return;
    }
    last = last.then(async () => {
      const reply = await handle(message.argument as Argument).then(
        (value): Reply => ({ id: message.id, ok: true, value }),
        (error: unknown): Reply => ({ id: message.id, ok: false, failure: failureOf(error) }),
      );
      port.postMessage(reply);
    });
  });
}
