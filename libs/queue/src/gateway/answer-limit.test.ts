import { startAnswerLimit } from './answer-limit';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the limit on an answer of Redis', () => {
  it('is over after its time, and not before', async () => {
    const limit = startAnswerLimit(450);
    await jest.advanceTimersByTimeAsync(449);
    expect(limit.isOver()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(limit.isOver()).toBe(true);
    await limit.over;
  });

  it('does not count the time in which this process could not read an answer', async () => {
    const limit = startAnswerLimit(450);
    await jest.advanceTimersByTimeAsync(40);
    // all that time no timer and no answer of Redis can be dealt with
    jest.setSystemTime(Date.now() + 60_000);
    jest.runOnlyPendingTimers();
    await jest.advanceTimersByTimeAsync(399);
    expect(limit.isOver()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(limit.isOver()).toBe(true);
  });

  it('leaves no timer behind once it is stopped', async () => {
    const limit = startAnswerLimit(450);
    await jest.advanceTimersByTimeAsync(120);
    limit.stop();
    expect(jest.getTimerCount()).toBe(0);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(limit.isOver()).toBe(false);
  });
});
