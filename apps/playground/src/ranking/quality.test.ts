import { ndcg, qualityDepth, reciprocalRank } from '@rerank-fleet/contract';
import fc from 'fast-check';
import { type Grade, rankingQuality } from './quality';

const grade = fc.constantFrom<Grade>(0, 1, 2, 3);

test('the figures are those of the gateway', () => {
  const ranking = fc
    .uniqueArray(fc.nat({ max: 40 }), { minLength: 1 })
    .chain((order) => fc.tuple(fc.constant(order), fc.array(fc.option(grade), { minLength: order.length })));
  fc.assert(
    fc.property(ranking, ([order, given]) => {
      const graded = order.flatMap((index, position) => {
        const each = given[position];
        return each === null || each === undefined ? [] : [[index, each] as const];
      });
      fc.pre(graded.length > 0);
      const grades = new Map(graded);
      const ranked = order.map((index) => grades.get(index) ?? 0);
      expect(rankingQuality(order, grades)).toEqual({
        ndcg: ndcg(ranked, [...grades.values()]) ?? null,
        reciprocalRank: reciprocalRank(ranked.map((each) => each > 0)),
      });
    }),
  );
});

test('uses the depth of the gateway by default', () => {
  const order = Array.from({ length: qualityDepth + 1 }, (_, index) => index);
  const grades = new Map<number, Grade>([[qualityDepth, 3]]);
  expect(rankingQuality(order, grades)).toEqual({ ndcg: 0, reciprocalRank: 1 / (qualityDepth + 1) });
  expect(rankingQuality(order, grades, qualityDepth + 1).ndcg).toBeCloseTo(1 / Math.log2(qualityDepth + 2), 12);
});

test('relevant documents beyond the depth do not lower the best nDCG', () => {
  const order = Array.from({ length: qualityDepth + 5 }, (_, index) => index);
  expect(rankingQuality(order, new Map(order.map((index) => [index, 1]))).ndcg).toBe(1);
});

test('without grades there are no figures, and without a grade above 0 no nDCG', () => {
  expect(rankingQuality([0, 1], new Map())).toEqual({ ndcg: null, reciprocalRank: null });
  expect(rankingQuality([0, 1], new Map([[1, 0]]))).toEqual({ ndcg: null, reciprocalRank: 0 });
});
