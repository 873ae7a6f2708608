import { Worker } from 'node:worker_threads';
import type { Call, Reply } from './programs/serve-calls';

/** A thread of this process that answers calls one after the other. */
export interface BenchThread<Argument, Value> {
  call(argument: Argument): Promise<Value>;
  close(): Promise<void>;
}

/** Starts a built program as a thread. When the thread fails or ends, all its open calls reject. */
export function startBenchThread<Argument, Value>(file: string, workerData: object): BenchThread<Argument, Value> {
  // built code needs neither the loader nor the conditions of this process
  const worker = new Worker(file, { workerData, execArgv: [] });
  const open = new Map<number, { resolve(value: Value): void; reject(error: Error): void }>();
  let nextId = 0;
  const failAll = (error: Error) => {
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', (reply: Reply<Value>) => {
    const call = open.get(reply.id);
    open.delete(reply.id);
    if (reply.ok) call?.resolve(reply.value);
    else call?.reject(new Error(reply.failure.message));
  });
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('the thread ended')));
  return {
    call: (argument) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        open.set(id, { resolve, reject });
        worker.postMessage({ id, argument } satisfies Call<Argument>);
      }),
    async close() {
      worker.postMessage('close');
      await ended;
    },
  };
}

/** Gives each thread the next call when it is free. Returns the answers in the order of the calls. */
export async function callAll<Argument, Value>(
  threads: readonly BenchThread<Argument, Value>[],
  calls: readonly Argument[],
): Promise<Value[]> {
  const answers: Value[] = [];
  const waiting = calls.entries();
  const serve = async (thread: BenchThread<Argument, Value>) => {
    for (const [index, call] of waiting) answers[index] = await thread.call(call);
  };
  await Promise.all(threads.map(serve));
  return answers;
}
