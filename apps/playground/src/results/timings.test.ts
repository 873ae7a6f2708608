import { timingOf } from './timings';

const timings = { queueMs: 10, tokenizationMs: 5, inferenceMs: 30, otherMs: 5, totalMs: 50 };
const ms = (roundTripMs: number, given = timings) => timingOf({ timings: given, roundTripMs })?.map((each) => each.ms);

test('the network is what the page waited beyond the time of the gateway', () => {
  expect(ms(80)).toEqual([10, 5, 30, 5, 30]);
});

test('the network is never below nothing, whatever the two clocks say', () => {
  expect(ms(40)).toEqual([10, 5, 30, 5, 0]);
});

test('the parts make up the whole bar, and no bar where everything took no time', () => {
  const parts = timingOf({ timings, roundTripMs: 80 }) ?? [];
  expect(parts.reduce((sum, { percent }) => sum + percent, 0)).toBeCloseTo(100);
  const nothing = { queueMs: 0, tokenizationMs: 0, inferenceMs: 0, otherMs: 0, totalMs: 0 };
  expect(timingOf({ timings: nothing, roundTripMs: 0 })?.every(({ percent }) => percent === 0)).toBe(true);
});

test('an answer without times has none', () => {
  expect(timingOf({ timings: null, roundTripMs: 80 })).toBeUndefined();
});
