import { relative, sep } from 'node:path';

/** The parts of jest's JSON report that are read. */
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: { status: string }[] }[];
}

/** A step before the tests, and whether it succeeded. */
export interface StepResult {
  name: string;
  ok: boolean;
}

export interface Verdict {
  passed: number;
  failed: number;
  /** One line per failure that jest does not report. */
  reasons: string[];
}

/** A suite whose file could not be loaded, or in which no test ran. */
function ranNothing({ assertionResults }: JestReport['testResults'][number]): boolean {
  return assertionResults.every(({ status }) => status === 'pending' || status === 'todo');
}

/** Projects with a jest configuration in which no suite ran. */
function untestedProjects(report: JestReport, root: string, projects: string[]): string[] {
  const suites = report.testResults.map(({ name }) => relative(root, name).split(sep).join('/'));
  return projects.filter((project) => !suites.some((suite) => suite.startsWith(`${project}/`)));
}

/**
 * Counts passed and failed tests. A failed step, a suite without a test that ran, a project without a suite and a run
 * that failed without a failed test count as one failure each. `report` is undefined when jest wrote none.
 */
export function judge(
  steps: StepResult[],
  jest: { report: JestReport | undefined; endedWell: boolean },
  { root, projects }: { root: string; projects: string[] },
): Verdict {
  const reasons = steps.flatMap(({ name, ok }) => (ok ? [] : [`${name} failed`]));
  const { report } = jest;
  if (!report) return { passed: 0, failed: reasons.length + 1, reasons: [...reasons, 'the tests did not run'] };
  const empty = report.testResults.filter(ranNothing).map(({ name }) => `${relative(root, name)} ran no test`);
  const untested = untestedProjects(report, root, projects).map((project) => `${project} has no test`);
  reasons.push(...empty, ...untested);
  const failed = reasons.length + report.numFailedTests;
  if (failed > 0 || jest.endedWell) return { passed: report.numPassedTests, failed, reasons };
  return { passed: report.numPassedTests, failed: 1, reasons: ['the test run did not end well (see above)'] };
}

/** The last line of `tools/test.sh`. */
export function countLine({ passed, failed }: Verdict): string {
  return `${passed} passed, ${failed} failed`;
}
