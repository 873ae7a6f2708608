import { endOnSignals } from './command';

describe('a command that must stop', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  beforeEach(() => {
    jest.useFakeTimers();
    exit.mockClear();
  });
  afterEach(() => {
    jest.useRealTimers();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is told by %s, and ended if it does not heed it', (name) => {
    const signal = endOnSignals(1_000);
    process.emit(name);
    expect(signal.aborted).toBe(true);
    jest.advanceTimersByTime(999);
    expect(exit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('goes on without a signal', () => {
    expect(endOnSignals(1_000).aborted).toBe(false);
    jest.advanceTimersByTime(10_000);
    expect(exit).not.toHaveBeenCalled();
  });
});
