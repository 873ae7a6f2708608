import { repeatWithin, requestsLasting } from './pace';

describe('repeatWithin', () => {
  const roundsOf = async (limits: { max: number; limitMs: number }) => {
    const rounds: number[] = [];
    await repeatWithin(limits, async (round) => {
      rounds.push(round);
    });
    return rounds;
  };

  it('stops at the maximum number of calls', async () => {
    expect(await roundsOf({ max: 3, limitMs: Infinity })).toEqual([1, 2, 3]);
  });

  it('calls once even without any time', async () => {
    expect(await roundsOf({ max: 3, limitMs: -1 })).toEqual([1]);
  });
});

describe('requestsLasting', () => {
  it('fills the time, rounded up to whole requests', () => {
    expect(requestsLasting(2_000, { docsPerS: 1_010, documentsPerRequest: 50, atLeast: 14 })).toBe(41);
  });

  it('never returns less than the minimum', () => {
    expect(requestsLasting(2_000, { docsPerS: 60, documentsPerRequest: 50, atLeast: 14 })).toBe(14);
  });
});
