import { costOf, describeCost, isAcceptable } from './measure';
import { measuredQueries } from './pairs';

const reference = [
  [0.9, 0.5, 0.1],
  [0.2, 0.8, 0.7],
];

test('the cost counts each pair and each query', () => {
  const scores = [
    [0.8, 0.5, 0.1],
    [0.2, 0.7, 0.72],
  ];
  expect(costOf(reference, scores)).toEqual({
    pairs: 6,
    queries: 2,
    largestScoreDifference: 0.1,
    meanScoreDifference: 0.03667,
    // of three ranks with two exchanged it is 0.5
    rankCorrelation: 0.75,
    changedFirstDocuments: 1,
  });
});

test('equal scores cost nothing', () => {
  const cost = costOf(reference, reference);
  expect(cost).toMatchObject({ largestScoreDifference: 0, rankCorrelation: 1, changedFirstDocuments: 0 });
  expect(isAcceptable(cost, 'int8')).toBe(true);
});

const acceptable = { ...costOf(reference, reference) };
test.each([
  [{ meanScoreDifference: 0.021 }, false],
  [{ meanScoreDifference: 0.02 }, true],
  [{ largestScoreDifference: 0.21 }, false],
  [{ rankCorrelation: 0.89 }, false],
  [{ meanScoreDifference: NaN }, false],
  [{ rankCorrelation: NaN }, false],
])('%j: acceptable is %s', (change, expected) => {
  expect(isAcceptable({ ...acceptable, ...change }, 'int8')).toBe(expected);
});

test('the line has all figures', () => {
  expect(describeCost({ ...acceptable, changedFirstDocuments: 2 })).toBe(
    'against fp32 on 6 pairs: scores differ by 0.0000 on average and 0.0000 at most; rank correlation 1.000; another first document for 2 of 2 queries',
  );
});

test('at least 60 pairs are measured: English, Chinese, code and long documents', () => {
  const documents = measuredQueries.flatMap((one) => one.documents);
  expect(documents.length).toBeGreaterThanOrEqual(60);
  expect(new Set(documents).size).toBe(documents.length);
  expect(documents.filter((text) => /\p{Script=Han}/u.test(text)).length).toBeGreaterThanOrEqual(20);
  expect(documents.filter((text) => /[{};=]/.test(text)).length).toBeGreaterThanOrEqual(8);
  expect(documents.filter((text) => text.length > 300).length).toBeGreaterThanOrEqual(4);
});
