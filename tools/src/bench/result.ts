import type { CommandContext } from '../command/command';

/** One figure of a suite. */
export interface Result {
  /** `<suite> <what>`. */
  name: string;
  value: number;
  unit: string;
  /** The figure of the other side, measured in the same run; undefined without a comparison. */
  baseline: number | undefined;
  /** Factor by which our value is better than the baseline: above 1 is better. */
  ratio: number | undefined;
}

/** A figure without a baseline. */
export function plain(name: string, value: number, unit: string): Result {
  return { name, value, unit, baseline: undefined, ratio: undefined };
}

/** A figure for which a higher value is better, such as documents per second. */
export function higherIsBetter(name: string, figures: { value: number; baseline: number; unit: string }): Result {
  return { name, ...figures, ratio: figures.value / figures.baseline };
}

/** A figure for which a lower value is better, such as latency or CPU time. */
export function lowerIsBetter(name: string, figures: { value: number; baseline: number; unit: string }): Result {
  return { name, ...figures, ratio: figures.baseline / figures.value };
}

/** The exports of a file in `suites`. */
export interface Suite {
  /** `dist` of the root is up to date. `say` prints progress, never to standard output. */
  run(context: CommandContext): Promise<Result[]>;
}

/** Faults of a suite's results; empty when they may be published. */
export function faultsOf(suite: string, results: Result[]): string[] {
  const wrongName = results.filter(({ name }) => !name.startsWith(`${suite} `));
  const noFigure = results.filter(({ value, baseline, ratio }) =>
    [value, baseline ?? 0, ratio ?? 0].some((figure) => !Number.isFinite(figure)),
  );
  const halfCompared = results.filter(({ baseline, ratio }) => (baseline === undefined) !== (ratio === undefined));
  return [
    ...(results.length === 0 ? ['the suite measured nothing'] : []),
    ...wrongName.map(({ name }) => `${name} does not begin with ${suite}`),
    ...noFigure.map(({ name }) => `${name} is not a finite number`),
    ...halfCompared.map(({ name }) => `${name} has only one of baseline and ratio`),
  ];
}
