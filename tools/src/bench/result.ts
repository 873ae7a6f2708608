/** One figure of a suite. */
export interface Result {
  /** Begins with the suite's name: `<suite> <what>`. */
  name: string;
  value: number;
  unit: string;
  /** The figure of what ours is compared with, measured in the same run; undefined without one. */
  baseline: number | undefined;
  /** How many times better than the baseline ours is: above 1 is better. */
  ratio: number | undefined;
}

/** A figure without anything to compare it with. */
export function plain(name: string, value: number, unit: string): Result {
  return { name, value, unit, baseline: undefined, ratio: undefined };
}

/** A figure of which more is better, such as documents per second. */
export function higherIsBetter(name: string, figures: { value: number; baseline: number; unit: string }): Result {
  return { name, ...figures, ratio: figures.value / figures.baseline };
}

/** A figure of which less is better, such as latency or CPU time. */
export function lowerIsBetter(name: string, figures: { value: number; baseline: number; unit: string }): Result {
  return { name, ...figures, ratio: figures.baseline / figures.value };
}

/** What a suite gets to know. */
export interface SuiteContext {
  /** The repository's folder; its `dist` is up to date. */
  root: string;
  /** Tells the person at the terminal what is going on; never on standard output. */
  say: (line: string) => void;
}

/** What a file in `suites` exports. */
export interface Suite {
  run(context: SuiteContext): Promise<Result[]>;
}

/** Complaints about a suite's results; empty when they may be published. */
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
