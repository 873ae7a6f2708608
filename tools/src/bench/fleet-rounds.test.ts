import { middleTurns, type Round } from './fleet-rounds';

const round = (fleet: number, inProcess: number): Round => ({
  fleet: { docsPerS: fleet, cpuMsPerDoc: 1000 / fleet, latenciesMs: [] },
  inProcess: { docsPerS: inProcess, cpuMsPerDoc: 1000 / inProcess, latenciesMs: [] },
});

describe('middleTurns', () => {
  it('leaves out the quarters with the highest and the lowest ratio, independent of the speed', () => {
    const rounds = [round(50, 100), round(19, 20), round(90, 100), round(11, 10)];
    expect(middleTurns(rounds, 'docsPerS')).toEqual({ value: (19 + 90) / 2, baseline: 60 });
    expect(middleTurns(rounds, 'cpuMsPerDoc').baseline).toBe((50 + 10) / 2);
  });

  it('leaves out none when there are fewer than four', () => {
    expect(middleTurns([round(50, 100), round(100, 100), round(30, 10)], 'docsPerS')).toEqual({
      value: 60,
      baseline: 70,
    });
    expect(middleTurns([round(1, 2)], 'docsPerS')).toEqual({ value: 1, baseline: 2 });
  });
});
