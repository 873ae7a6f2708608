import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, hasImage, work } from './buildah';
import { parseStages } from './dockerfile';
import { type Run, runLogged } from './step';

/** The base image of the Dockerfiles. */
export interface Base {
  name: string;
  nodeVersion: string;
  /** Debian's release. */
  suite: string;
}

/** Version of npm in the base that is built here; the official image has its own. */
const npmVersion = '11.19.1';

/** The base image of a Dockerfile. Throws when it is not a pinned slim image of Node on Debian. */
export function baseOf(dockerfile: string): Base {
  const name = parseStages(dockerfile)[0]?.from ?? '';
  const [, nodeVersion, suite] = /^docker\.io\/library\/node:(\d+\.\d+\.\d+)-([a-z]+)-slim$/.exec(name) ?? [];
  if (!nodeVersion || !suite) throw new Error(`the base ${name} is not docker.io/library/node:<version>-<suite>-slim`);
  return { name, nodeVersion, suite };
}

/**
 * Builds the base image if it is missing, under the name that the Dockerfiles use. It needs only Debian's and npm's
 * packages, no image registry. An image that is already in the storage, such as the official one, is used unchanged.
 */
export async function provideBase(run: Run, base: Base): Promise<void> {
  if (await hasImage(run, base.name)) return run.say(`the base ${base.name} exists`);
  const folder = mkdtempSync(join(run.storage, 'base-'));
  try {
    await makeSystem(run, base, folder);
    await commit(run, base, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files that a system with a single program does not need, and that the official slim image does not have. */
const unused = [
  ...['cache/apt', 'lib/apt/lists', 'log'].map((path) => `var/${path}`),
  ...['doc', 'info', 'locale', 'man'].map((path) => `usr/share/${path}`),
  ...['include', 'share'].map((path) => `usr/local/lib/node_modules/node-linux-${process.arch}/${path}`),
];

async function makeSystem(run: Run, { nodeVersion, suite }: Base, folder: string): Promise<void> {
  await runLogged(run, {
    name: `making a minimal Debian ${suite}`,
    // debootstrap mounts /proc; its own mount namespace removes the mount in every case
    command: 'unshare',
    args: ['--mount', 'debootstrap', '--variant=minbase', '--include=libatomic1,libstdc++6', suite, folder],
    limitMs: 1_200_000,
  });
  const packages = [`node-linux-${process.arch}@${nodeVersion}`, `npm@${npmVersion}`];
  await runLogged(run, {
    name: `adding Node ${nodeVersion}`,
    command: 'npm',
    args: ['install', '--global', '--prefix', join(folder, 'usr/local'), '--no-audit', '--no-fund', ...packages],
    limitMs: 600_000,
  });
  for (const path of unused) rmSync(join(folder, path), { recursive: true, force: true });
}

async function commit(run: Run, { name, nodeVersion }: Base, folder: string): Promise<void> {
  const container = await ask(run, 'from', 'scratch');
  await work(run, 'copying the base', ['add', '--quiet', container, folder, '/']);
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await ask(run, 'config', '--env', path, '--env', `NODE_VERSION=${nodeVersion}`, '--cmd', 'node', container);
  await work(run, `storing the base as ${name}`, ['commit', '--quiet', '--rm', container, name]);
}
