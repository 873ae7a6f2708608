import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { withRelease } from './changelog';

/** The used members of the file that `changeset status --output` writes. */
interface Plan {
  changesets: { summary: string }[];
  releases: { newVersion: string }[];
}

const root = resolve(__dirname, '../../..');

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: root, stdio: 'inherit' });
}

function readPlan(): Plan {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const file = join(folder, 'plan.json');
    run('npx', 'changeset', 'status', `--output=${relative(root, file)}`);
    return JSON.parse(readFileSync(file, 'utf8')) as Plan;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rewrite(file: string, change: (text: string) => string): void {
  const path = join(root, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** `npm run release`: moves the changesets to a section of the changelog and sets the version. It commits nothing. */
function main(): void {
  const { changesets, releases } = readPlan();
  const version = releases[0]?.newVersion;
  if (version === undefined) throw new Error('There is nothing to release: no changeset names a package');
  const texts = changesets.map(({ summary }) => summary).filter((text) => text !== '');
  const date = new Date().toISOString().slice(0, 10);
  rewrite('CHANGELOG.md', (changelog) => withRelease(changelog, { version, date, texts }));
  rewrite('docker-compose.yml', (text) => text.replace(/(RERANK_FLEET_VERSION:-)[\d.]+/g, `$1${version}`));
  run('npx', 'changeset', 'version');
  rewrite('package.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
  run('npm', 'install', '--package-lock-only', '--ignore-scripts');
  run('npm', 'run', 'docs');
}

main();
