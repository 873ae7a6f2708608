import type { CallFailure } from '../ranking/failure';
import { rankingOf } from '../ranking/testing';
import { type Outcome, type RunState, expectedSeconds, noRun, reduceRun, sidesOf } from './run';

const request = { model: '', query: 'q', documents: ['a', 'b'], instruction: '' };
const ranked = { request, ranking: rankingOf([0.1, 0.9]) };
const outcome: Outcome = { mode: 'rank', ranked };
const started = { type: 'started', documents: 2, expectedSeconds: null } as const;
const failure = (kind: 'cancelled' | 'offline'): CallFailure => ({
  kind,
  message: null,
  requestId: null,
  status: null,
});
const done = [started, { type: 'succeeded', outcome } as const].reduce(reduceRun, noRun);

describe('a run', () => {
  test('keeps the outcome before it while it is under way', () => {
    const state = reduceRun(done, started);
    expect(state).toMatchObject({ phase: { kind: 'running', documents: 2 }, outcome });
  });

  test('that fails keeps that outcome too, and says why', () => {
    const state = reduceRun(done, { type: 'failed', reason: { failure: failure('offline'), side: 'b' } });
    expect(state).toMatchObject({ phase: { kind: 'failed', side: 'b', failure: { kind: 'offline' } }, outcome });
  });

  test('that was cancelled is no failure', () => {
    const state = reduceRun(done, { type: 'failed', reason: { failure: failure('cancelled'), side: null } });
    expect(state.phase).toEqual({ kind: 'cancelled' });
  });

  test('is counted when it starts and again when it succeeds', () => {
    const counts = ({ started: begun, succeeded }: RunState) => [begun, succeeded];
    const again = reduceRun(done, started);
    expect([noRun, done, again].map(counts)).toEqual([
      [0, 0],
      [1, 1],
      [2, 1],
    ]);
    expect(counts(reduceRun(again, { type: 'succeeded', outcome }))).toEqual([2, 2]);
  });
});

test('the sides of an outcome are one for a ranking and two for a comparison', () => {
  expect(sidesOf(outcome)).toEqual([['a', ranked]]);
  const other = { ...ranked, ranking: rankingOf([0.5, 0.4]) };
  expect(sidesOf({ mode: 'compare', a: ranked, b: other })).toEqual([
    ['a', ranked],
    ['b', other],
  ]);
});

describe('the expected time', () => {
  const cost = (documents: string[], tokensPerSecond: number | null, model = 'm') => ({
    request: { ...request, documents },
    model,
    maxLengthTokens: 30,
    tokensPerSecond,
  });

  test('follows from the bytes of the texts and the speed of the model, for both sides together where one model ranks both', () => {
    expect(expectedSeconds([cost(['a'.repeat(50), '字'.repeat(10)], 12)])).toBeCloseTo((15 + 9) / 12);
    expect(expectedSeconds([cost(['a'.repeat(50)], 15), cost(['a'.repeat(50)], 30)])).toBeCloseTo(1.5);
  });

  test('is that of the slower side where two models work at the same time', () => {
    const text = ['a'.repeat(50)];
    expect(expectedSeconds([cost(text, 15, 'a'), cost(text, 30, 'b')])).toBeCloseTo(1);
    expect(expectedSeconds([cost(text, 30, 'a'), cost(text, 15, 'b')])).toBeCloseTo(1);
  });

  test('counts no more of a text than the model reads', () => {
    expect(expectedSeconds([cost(['a'.repeat(100_000)], 10)])).toBeCloseTo(3);
  });

  test('is not known of a model that has not measured itself', () => {
    expect(expectedSeconds([cost(['a'], 10), cost(['a'], null)])).toBeNull();
    expect(expectedSeconds([cost(['a'], 0)])).toBeNull();
  });
});
