import fc from 'fast-check';
import { spreadCalls } from './spread-calls';

/** Threads that answer or fail when they are told to. */
function fakeThreads(count: number) {
  const open: { thread: number; argument: string; end(isGood: boolean): void }[] = [];
  const threads = Array.from({ length: count }, (_, thread) => ({
    call: (argument: string) =>
      new Promise<string>((resolve, reject) =>
        open.push({
          thread,
          argument,
          end: (isGood) => (isGood ? resolve(`${argument} done`) : reject(new Error(`${argument} failed`))),
        }),
      ),
  }));
  return { open, call: spreadCalls(threads) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('calls to several threads', () => {
  it('go to the thread with the fewest calls in progress, whatever has ended or failed before', async () => {
    const steps = fc.array(fc.constantFrom('call', 'end', 'fail'), { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, fc.nat(), async (count, script, seed) => {
        const { open, call } = fakeThreads(count);
        const openOf = (thread: number) => open.filter((one) => one.thread === thread).length;
        const fewest = () => Math.min(...Array.from({ length: count }, (_, thread) => openOf(thread)));
        for (const [index, step] of script.entries()) {
          if (step === 'call') {
            const before = fewest();
            call(`${index}`).catch(() => undefined);
            expect(openOf(open.at(-1)!.thread)).toBe(before + 1);
          } else {
            open.splice((seed + index) % Math.max(1, open.length), 1)[0]?.end(step === 'end');
            await settled();
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('get the answer or the failure of their own', async () => {
    const { open, call } = fakeThreads(2);
    const calls = ['a', 'b', 'c'].map((argument) => call(argument));
    const results = Promise.allSettled(calls);
    for (const { argument, end } of [...open].reverse()) end(argument !== 'b');
    expect(await results).toMatchObject([{ value: 'a done' }, { reason: new Error('b failed') }, { value: 'c done' }]);
  });
});
