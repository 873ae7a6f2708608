import { median } from '../bench/statistics';

/** What is looked at each minute. */
export type FigureKind = 'memory' | 'heap' | 'descriptors' | 'series' | 'keys' | 'data';

/** One figure of one process over a run. */
export interface Figure {
  /** Such as `gateway-1 memory`. */
  name: string;
  kind: FigureKind;
  /** At equal distances of time. */
  values: readonly number[];
}

/** How much a figure may grow from the end of the warm-up to the end of a run: a share of its median and a fixed part. */
const bounds: Readonly<Record<FigureKind, { share: number; fixed: number }>> = {
  memory: { share: 0.15, fixed: 30e6 },
  heap: { share: 0.2, fixed: 20e6 },
  descriptors: { share: 0, fixed: 10 },
  series: { share: 0.05, fixed: 20 },
  keys: { share: 0, fixed: 10 },
  data: { share: 0.1, fixed: 2e6 },
};

/** The share of a run that is not judged: code is compiled and caches are filled. */
const warmUpShare = 0.25;

/** What became of a figure. */
export interface Flatness {
  name: string;
  kind: FigureKind;
  first: number;
  last: number;
  /** What it gained after the warm-up by its slope. */
  growth: number;
  bound: number;
  isFlat: boolean;
}

/**
 * Whether a figure stays where it is. Its slope is the median of the slopes between all pairs of values (Theil and Sen):
 * single peaks and the saw-tooth of garbage collection do not move it. Throws a RangeError when there are fewer than
 * four values.
 */
export function judgeFlatness({ name, kind, values }: Figure): Flatness {
  const judged = values.slice(Math.floor(values.length * warmUpShare));
  if (judged.length < 3) throw new RangeError(`${values.length} values of ${name} are too few to tell a slope`);
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
    // written so that a figure that could not be read fails too
    isFlat: growth <= bound,
  };
}

function medianSlope(values: readonly number[]): number {
  const slopes = values.flatMap((value, at) =>
    values.slice(at + 1).map((later, distance) => (later - value) / (distance + 1)),
  );
  return median(slopes);
}

/** The figures as a table, those that grew marked. */
export function flatnessLines(all: readonly Flatness[]): string[] {
  const head = ['figure', 'after warm-up', 'at the end', 'growth', 'may grow', ''];
  const rows = all.map(({ name, kind, first, last, growth, bound, isFlat }) => [
    name,
    ...[first, last, growth, bound].map((value) => readable(kind, value)),
    isFlat ? '' : 'GREW',
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A figure as people read it. */
export function readable(kind: FigureKind, value: number): string {
  const isBytes = kind === 'memory' || kind === 'heap' || kind === 'data';
  return isBytes ? `${(value / 1e6).toFixed(1)} MB` : value.toFixed(0);
}
