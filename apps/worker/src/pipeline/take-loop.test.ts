import type { Take, WorkerQueue } from '@rerank-fleet/queue';
import { startTakeLoop } from './take-loop';

const fail = () => {
  throw new Error('not expected here');
};

const job = (requestId: string): Take => ({
  kind: 'job',
  taken: { job: { requestId } as never, queueWaitMs: 0, retried: false, settle: async () => undefined },
});

/** A queue that hands out what a test pushes. */
function scriptedQueue() {
  const waiting: ((take: Take) => void)[] = [];
  const queue = { take: () => new Promise<Take>((resolve) => waiting.push(resolve)) } as unknown as WorkerQueue;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    queue,
    takesWaiting: () => waiting.length,
    async give(take: Take) {
      waiting.shift()?.(take);
      await settled();
    },
    settled,
  };
}

describe('the take loop', () => {
  it('takes the next job only when there is room for it, not when the last one is done', async () => {
    const { queue, takesWaiting, give, settled } = scriptedQueue();
    let makeRoom = (): void => undefined;
    const rooms = [
      Promise.resolve(),
      new Promise<void>((resolve) => (makeRoom = resolve)),
      new Promise<void>(() => undefined),
    ];
    const pipeline = {
      room: () => rooms.shift() as Promise<void>,
      process: () => new Promise<void>(() => undefined),
      heldTokens: () => 0,
    };
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError: fail, onRefused: fail });
    await settled();
    expect(takesWaiting()).toBe(1);
    await give(job('a'));
    expect(takesWaiting()).toBe(0);
    makeRoom();
    await settled();
    expect(takesWaiting()).toBe(1);
    loop.stop();
    await give({ kind: 'nothing' });
  });

  it('takes by the limit of now', async () => {
    const { queue, give, settled } = scriptedQueue();
    const limits: number[] = [];
    const pipeline = {
      room: async (tokens: number) => void limits.push(tokens),
      process: async () => undefined,
      heldTokens: () => 0,
    };
    let heldTokens = 100;
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => heldTokens, onError: fail, onRefused: fail });
    await settled();
    heldTokens = 50;
    await give(job('a'));
    expect(limits).toEqual([100, 50]);
    loop.stop();
    await give({ kind: 'nothing' });
  });

  it('is drained when every taken job is settled, and takes none after it was stopped', async () => {
    const { queue, takesWaiting, give, settled } = scriptedQueue();
    const done: (() => void)[] = [];
    const pipeline = {
      room: async () => undefined,
      process: () => new Promise<void>((resolve) => done.push(resolve)),
      heldTokens: () => 0,
    };
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError: fail, onRefused: fail });
    await settled();
    await give(job('a'));
    loop.stop();
    let drained = false;
    void loop.drained().then(() => (drained = true));
    // this take was under way when the loop was stopped: its job belongs to the drain
    await give(job('b'));
    expect(takesWaiting()).toBe(0);
    done[0]?.();
    await settled();
    expect(drained).toBe(false);
    done[1]?.();
    await settled();
    await settled();
    expect(drained).toBe(true);
  });

  it('is not drained while a take is under way, and neither before the job that it brings is settled', async () => {
    const { queue, give, settled } = scriptedQueue();
    const settle = jest.fn();
    const pipeline = { room: async () => undefined, process: async () => settle(), heldTokens: () => 0 };
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError: fail, onRefused: fail });
    await settled();
    loop.stop();
    const settledWhenDrained = loop.drained().then(() => settle.mock.calls.length);
    await settled();
    await give(job('late'));
    expect(await settledWhenDrained).toBe(1);
  });

  it.each<[string, Take]>([
    ['nothing', { kind: 'nothing' }],
    ['a job that cannot be run', { kind: 'refused', code: 'internal' }],
  ])('is drained once a take that was under way has brought %s', async (_what, take) => {
    const { queue, give, settled, takesWaiting } = scriptedQueue();
    const pipeline = { room: async () => undefined, process: async () => undefined, heldTokens: () => 0 };
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError: fail, onRefused: () => undefined });
    await settled();
    loop.stop();
    let drained = false;
    const ended = loop.drained().then(() => (drained = true));
    await settled();
    expect(drained).toBe(false);
    await give(take);
    await ended;
    expect(takesWaiting()).toBe(0);
  });

  it('is drained as soon as a take that was under way has failed', async () => {
    const onError = jest.fn();
    let fails = (_error: Error): void => undefined;
    const take = () => new Promise<Take>((_resolve, reject) => (fails = reject));
    const pipeline = { room: async () => undefined, process: async () => undefined, heldTokens: () => 0 };
    const queue = { take } as unknown as WorkerQueue;
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError, onRefused: fail });
    await new Promise(setImmediate);
    loop.stop();
    const drained = loop.drained();
    fails(new Error('gone'));
    await drained;
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('reports a refused job, and goes on', async () => {
    const { queue, takesWaiting, give, settled } = scriptedQueue();
    const refused = jest.fn();
    const pipeline = { room: async () => undefined, process: async () => undefined, heldTokens: () => 0 };
    const loop = startTakeLoop({ queue, pipeline, heldTokensMax: () => 1, onError: fail, onRefused: refused });
    await settled();
    await give({ kind: 'refused', code: 'internal' });
    expect(refused).toHaveBeenCalledTimes(1);
    expect(takesWaiting()).toBe(1);
    loop.stop();
    await give({ kind: 'nothing' });
  });
});
