import { repeatWithin, requestsLasting } from './pace';

describe('repeatWithin', () => {
  const roundsOf = async (limits: { max: number; limitMs: number }) => {
    const rounds: number[] = [];
    await repeatWithin(limits, async (round) => {
      rounds.push(round);
    });
    return rounds;
  };

  it('counts the calls up to the most', async () => {
    expect(await roundsOf({ max: 3, limitMs: Infinity })).toEqual([1, 2, 3]);
  });

  it('calls once even when there is no time at all', async () => {
    expect(await roundsOf({ max: 3, limitMs: -1 })).toEqual([1]);
  });
});

describe('requestsLasting', () => {
  it('fills the time, rounded up to whole requests', () => {
    expect(requestsLasting(2_000, { docsPerS: 1_010, documentsPerRequest: 50, atLeast: 14 })).toBe(41);
  });

  it('never goes below the fewest', () => {
    expect(requestsLasting(2_000, { docsPerS: 60, documentsPerRequest: 50, atLeast: 14 })).toBe(14);
  });
});
