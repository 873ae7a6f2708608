import fc from 'fast-check';
import { createPresentBudget } from './present-budget';

/** A budget with the record of its changes. */
function budgetOf(largest: number) {
  const changes: number[] = [];
  return { budget: createPresentBudget(largest, (tokens) => changes.push(tokens)), changes };
}

/** Makes so many calls of the whole budget on a device. Returns how many did not fit. */
function work(budget: ReturnType<typeof createPresentBudget>, fittingTokens: number, calls: number): number {
  let failures = 0;
  for (let call = 0; call < calls; call++) {
    const cells = budget.tokens();
    if (cells <= fittingTokens) budget.fitted(cells);
    else {
      failures += 1;
      budget.outOfMemory(cells);
    }
  }
  return failures;
}

describe('the present token budget', () => {
  it('begins with the largest one and reports each change', () => {
    const { budget, changes } = budgetOf(1_000);
    expect(budget.tokens()).toBe(1_000);
    budget.outOfMemory(1_000);
    work(budget, Infinity, 10_000);
    expect(changes).toEqual([1_000, 500, 625, 782, 978, 1_000]);
  });

  it('halves until calls fit, at most to one token, and comes back to the largest once they all do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (largest, fittingTokens) => {
        const { budget, changes } = budgetOf(largest);
        work(budget, fittingTokens, 21);
        expect(budget.tokens()).toBeLessThanOrEqual(Math.max(1, fittingTokens));
        expect(2 * budget.tokens() + 1).toBeGreaterThanOrEqual(Math.min(largest, fittingTokens));
        work(budget, Infinity, 10_000);
        expect(budget.tokens()).toBe(largest);
        for (const tokens of changes) expect(Number.isInteger(tokens) && tokens >= 1 && tokens <= largest).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('is halved once by calls of the old size that fail at the same time', () => {
    const { budget, changes } = budgetOf(1_000);
    for (const cells of [1_000, 990, 1_000]) budget.outOfMemory(cells);
    expect(changes).toEqual([1_000, 500, 495]);
    budget.outOfMemory(480);
    expect(budget.tokens()).toBe(240);
  });

  it('does not rise by calls that are too small to show anything', () => {
    const { budget } = budgetOf(1_000);
    budget.outOfMemory(1_000);
    for (let call = 0; call < 100_000; call++) budget.fitted(250);
    expect(budget.tokens()).toBe(500);
    work(budget, Infinity, 100);
    expect(budget.tokens()).toBeGreaterThan(500);
  });

  it('tries more rarely when memory stays short', () => {
    const { budget } = budgetOf(1_000);
    const early = work(budget, 600, 1_000);
    work(budget, 600, 50_000);
    expect(work(budget, 600, 50_000)).toBeLessThan(10);
    expect(early).toBeGreaterThan(1);
  });
});
