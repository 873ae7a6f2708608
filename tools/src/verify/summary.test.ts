import { type JestReport, countLine, judge } from './summary';

const place = { root: '/r', projects: ['libs/a', 'tools'] };
const suite = (name: string, ...statuses: string[]): JestReport['testResults'][number] => ({
  name,
  status: 'passed',
  message: '',
  assertionResults: statuses.map((status) => ({ status })),
});
const whole: JestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  testResults: [
    suite('/r/libs/a/src/a.test.ts', 'passed', 'passed'),
    suite('/r/tools/src/t.test.ts', 'passed', 'pending'),
  ],
};
const steps = [{ name: 'build', ok: true }];

it('counts the tests when all passed', () => {
  const verdict = judge(steps, { report: whole, endedWell: true }, place);
  expect(verdict).toEqual({ passed: 3, failed: 0, reasons: [] });
  expect(countLine(verdict)).toBe('3 passed, 0 failed');
});

it('counts each failed step as one failure', () => {
  const failed = [...steps, { name: 'lint', ok: false }, { name: 'format', ok: false }];
  expect(judge(failed, { report: whole, endedWell: true }, place)).toEqual({
    passed: 3,
    failed: 2,
    reasons: ['lint failed', 'format failed'],
  });
});

it('adds failed tests and failed steps', () => {
  const report = { ...whole, numFailedTests: 2 };
  expect(judge([{ name: 'build', ok: false }], { report, endedWell: false }, place)).toMatchObject({ failed: 3 });
});

it('fails when jest wrote no report', () => {
  expect(judge(steps, { report: undefined, endedWell: false }, place)).toMatchObject({ passed: 0, failed: 1 });
});

it.each([
  ['could not be loaded', suite('/r/libs/a/src/b.test.ts')],
  ['skips all its tests', suite('/r/libs/a/src/b.test.ts', 'pending', 'todo')],
])('counts a suite that %s as one failure', (_what, empty) => {
  const report = { ...whole, testResults: [...whole.testResults, empty] };
  expect(judge(steps, { report, endedWell: true }, place)).toEqual({
    passed: 3,
    failed: 1,
    reasons: ['libs/a/src/b.test.ts ran no test'],
  });
});

it('counts a project without a suite that ran as one failure', () => {
  const report = { ...whole, testResults: whole.testResults.slice(0, 1) };
  expect(judge(steps, { report, endedWell: true }, place)).toMatchObject({ failed: 1, reasons: ['tools has no test'] });
});

it('fails when all tests passed but the run did not end well', () => {
  expect(judge(steps, { report: whole, endedWell: false }, place)).toMatchObject({ passed: 3, failed: 1 });
});
