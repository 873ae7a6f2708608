import { sigmoid } from '@rerank-fleet/contract';
import { BundleError } from '@rerank-fleet/model-runtime';
import { encodePairs, type Manifest } from '@rerank-fleet/scoring';
import type { ReducedPrecision } from '../fetch-export';
import type { OpenBundle } from '../trial';
import { measuredQueries } from './pairs';
import { indexOfLargest, rankCorrelation } from './statistics';

/** What fewer bits cost, as the manifest states it. */
export type QuantizationCost = NonNullable<Manifest['quantization']>;
type Measured = Omit<QuantizationCost, 'exactLayers'>;

/** Worse than this, a bundle is not made. */
export const costLimits = {
  fp16: { meanScoreDifference: 0.005, largestScoreDifference: 0.05, rankCorrelation: 0.98 },
  int8: { meanScoreDifference: 0.02, largestScoreDifference: 0.2, rankCorrelation: 0.9 },
  q4: { meanScoreDifference: 0.05, largestScoreDifference: 0.4, rankCorrelation: 0.8 },
} as const satisfies Record<ReducedPrecision, Partial<Measured>>;

/** Compares scores of the same documents, one list per query. */
export function costOf(reference: readonly number[][], scores: readonly number[][]): Measured {
  const differences = reference.flatMap((list, query) =>
    list.map((score, index) => Math.abs(score - (scores[query]?.[index] ?? NaN))),
  );
  const correlations = reference.map((list, query) => rankCorrelation(list, scores[query] ?? []));
  const changed = reference.filter((list, query) => indexOfLargest(list) !== indexOfLargest(scores[query] ?? []));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    pairs: differences.length,
    queries: reference.length,
    largestScoreDifference: rounded(Math.max(...differences)),
    meanScoreDifference: rounded(mean(differences)),
    rankCorrelation: rounded(mean(correlations)),
    changedFirstDocuments: changed.length,
  };
}

const rounded = (value: number): number => Number(value.toFixed(5));

/** Whether the cost is within {@link costLimits}. A value that is not a number is not. */
export function isAcceptable(cost: Measured, precision: ReducedPrecision): boolean {
  const limits = costLimits[precision];
  return (
    cost.meanScoreDifference <= limits.meanScoreDifference &&
    cost.largestScoreDifference <= limits.largestScoreDifference &&
    cost.rankCorrelation >= limits.rankCorrelation
  );
}

/** The cost in one line. */
export function describeCost(cost: Measured): string {
  const { pairs, queries, largestScoreDifference: largest, meanScoreDifference: mean } = cost;
  return `against fp32 on ${pairs} pairs: scores differ by ${mean.toFixed(4)} on average and ${largest.toFixed(4)} at most; rank correlation ${cost.rankCorrelation.toFixed(3)}; another first document for ${cost.changedFirstDocuments} of ${queries} queries`;
}

/** The scores of the measured documents on this machine, one list per query. */
export async function scoreMeasured({ bundle, encoder, session }: OpenBundle): Promise<number[][]> {
  const scores: number[][] = [];
  for (const { query, documents } of measuredQueries) {
    const encoded = encodePairs(encoder, { query, documents });
    if (!encoded.ok) throw new BundleError(`${bundle.manifest.name}: ${encoded.failure.message}`);
    const prepared = await session.prepare(encoded.query);
    const list: number[] = [];
    // one by one: a call with long and short documents would be mostly padding
    for (const document of encoded.documents) {
      const [logit = NaN] = await session.score([{ query: prepared, document }]);
      list.push(sigmoid(logit));
    }
    scores.push(list);
  }
  return scores;
}
