import { median } from '../bench/statistics';
import { table } from '../command/table';

/** Kinds of figures. */
export type FigureKind = 'memory' | 'heap' | 'descriptors' | 'series' | 'keys' | 'data';

/** One figure of one process over a run. */
export interface Figure {
  /** Such as `gateway-1 memory`. */
  name: string;
  kind: FigureKind;
  /** Values at equal intervals. */
  values: readonly number[];
}

/** Allowed growth from the end of the warm-up to the end of a run: a share of the median plus a fixed part. */
const bounds: Readonly<Record<FigureKind, { share: number; fixed: number }>> = {
  memory: { share: 0.15, fixed: 30e6 },
  heap: { share: 0.2, fixed: 20e6 },
  descriptors: { share: 0, fixed: 10 },
  series: { share: 0.05, fixed: 20 },
  keys: { share: 0, fixed: 10 },
  data: { share: 0.1, fixed: 2e6 },
};

/** Share of a run that is not judged, because code is compiled and caches are filled. */
const warmUpShare = 0.25;

/** The judgement of a figure. */
export interface Flatness {
  name: string;
  kind: FigureKind;
  first: number;
  last: number;
  /** Growth after the warm-up, from the slope. */
  growth: number;
  bound: number;
  isFlat: boolean;
}

/**
 * Judges whether a figure stays constant. Its slope is the Theil-Sen estimator, the median of the slopes between all
 * pairs of values, which single peaks and the saw-tooth of garbage collection do not affect. Throws a RangeError for
 * fewer than four values.
 */
export function judgeFlatness({ name, kind, values }: Figure): Flatness {
  const judged = values.slice(Math.floor(values.length * warmUpShare));
  if (judged.length < 3) throw new RangeError(`${values.length} values of ${name} are too few for a slope`);
  const growth = medianSlope(judged) * (judged.length - 1);
  const { share, fixed } = bounds[kind];
  const bound = share * median(judged) + fixed;
  return {
    name,
    kind,
    first: judged[0] as number,
    last: judged.at(-1) as number,
    growth,
    bound,
    // false for NaN, so that a figure that could not be read also fails
    isFlat: growth <= bound,
  };
}

function medianSlope(values: readonly number[]): number {
  const slopes = values.flatMap((value, at) =>
    values.slice(at + 1).map((later, distance) => (later - value) / (distance + 1)),
  );
  return median(slopes);
}

/** The figures as a table. Figures that grew are marked. */
export function flatnessLines(all: readonly Flatness[]): string[] {
  const head = ['figure', 'after warm-up', 'at the end', 'growth', 'may grow', ''];
  const rows = all.map(({ name, kind, first, last, growth, bound, isFlat }) => [
    name,
    ...[first, last, growth, bound].map((value) => readable(kind, value)),
    isFlat ? '' : 'GREW',
  ]);
  return table([head, ...rows]);
}

/** The value with its unit, for printing. */
export function readable(kind: FigureKind, value: number): string {
  const isBytes = kind === 'memory' || kind === 'heap' || kind === 'data';
  return isBytes ? `${(value / 1e6).toFixed(1)} MB` : value.toFixed(0);
}
