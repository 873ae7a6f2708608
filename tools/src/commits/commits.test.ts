import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const why = 'Two callers waited for one answer.';

/** Messages with the rules that each breaks. */
const messages: [message: string, broken: string[]][] = [
  [`fix(queue): answer each caller once\n\n${why}`, []],
  [`feat!: ${'x'.repeat(65)}\n\n${'y'.repeat(71)}.`, []],
  [`docs: name the guide\n\nSee https://example.com/${'path/'.repeat(20)} for why.`, []],
  [`fix(queue): answer each caller twice`, ['body-empty']],
  [`feat: ${'x'.repeat(67)}\n\n${why}`, ['header-max-length']],
  [`fix: split the answer\n\n${why} ${'y'.repeat(60)}`, ['body-max-line-length']],
  [`Answer callers\n\n${why}`, ['subject-empty', 'type-empty']],
  [`improve(queue): answer callers\n\n${why}`, ['type-enum']],
  [`fix: Answer Every Caller\n\n${why}`, ['subject-case']],
  [`fix: answer callers.\n\n${why}`, ['subject-full-stop']],
];

it('the commits of a range are refused by the rules that they break, and no others', () => {
  const repository = mkdtempSync(join(tmpdir(), 'commits-'));
  try {
    const git = (args: string[], input = '') =>
      execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
        cwd: repository,
        input,
      });
    const commit = (message: string) => git(['commit', '--quiet', '--allow-empty', '--file=-'], message);
    git(['init', '--quiet']);
    commit('before the range');
    git(['tag', 'base']);
    for (const [message] of messages) commit(message);
    const commitlint = join(root, 'node_modules/.bin/commitlint');
    const config = join(root, 'commitlint.config.mjs');
    const checked = spawnSync(commitlint, [`--config=${config}`, '--from=base', '--verbose'], {
      cwd: repository,
      encoding: 'utf8',
    });
    expect(checked.status).toBe(1);
    const reports = checked.stdout.split('input: ').slice(1);
    const broken = Object.fromEntries(
      reports.map((report) => {
        const rules = [...report.matchAll(/^✖ .*\[([a-z-]+)\]$/gm)].map(([, rule]) => rule);
        return [report.split('\n')[0], rules.sort()];
      }),
    );
    expect(broken).toEqual(Object.fromEntries(messages.map(([message, rules]) => [message.split('\n')[0], rules])));
  } finally {
    rmSync(repository, { recursive: true });
  }
}, 60_000);
