import { middleTurns, type Round } from './fleet-rounds';

const round = (fleet: number, inProcess: number): Round => ({
  fleet: { docsPerS: fleet, cpuMsPerDoc: 1000 / fleet, latenciesMs: [] },
  inProcess: { docsPerS: inProcess, cpuMsPerDoc: 1000 / inProcess, latenciesMs: [] },
});

describe('middleTurns', () => {
  it('takes the round whose ratio is in the middle, however fast the machine was in it', () => {
    const rounds = [round(90, 100), round(19, 20), round(98, 100)];
    expect(middleTurns(rounds, 'docsPerS')).toEqual({ value: 19, baseline: 20 });
    expect(middleTurns(rounds, 'cpuMsPerDoc')).toEqual({ value: 1000 / 19, baseline: 50 });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    const rounds = [round(50, 100), round(90, 100), round(100, 100), round(110, 100)];
    expect(middleTurns(rounds, 'docsPerS')).toEqual({ value: 95, baseline: 100 });
  });

  it('takes the only one there is', () => {
    expect(middleTurns([round(1, 2)], 'docsPerS')).toEqual({ value: 1, baseline: 2 });
  });
});
