import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { abortOnSignals, printError, runCommand } from '../command/command';
import { claimDataDir } from '../up/data-dir';
import { Interrupted } from '../up/waiting';
import { baseOf, provideBase } from './base';
import { chooseDriver, removeContainers, work } from './buildah';
import { type Container, openImage } from './container';
import { extraCertificates, machineSettings } from './npm-settings';
import { type Containers, proveImages } from './proof';
import type { Proof } from './service';
import { type ImageSize, sizeLines } from './sizes';

const usage = `usage: bash tools/images.sh [--storage DIR]

Builds the container images of deploy/docker without a container engine and proves that they work: a fleet runs from
them, ranks over HTTP, and is stopped in the middle of a request. Must be root.
  --storage DIR  where images are kept for the next run (rerank-fleet/images in the user's cache)
Environment: STORAGE_DRIVER (default: overlay if the kernel supports it, otherwise vfs).`;

/** The images in build order, with the target of Dockerfiles that have several. */
const images: { app: keyof Containers; target?: string }[] = [
  { app: 'gateway' },
  { app: 'worker', target: 'cpu' },
  { app: 'queue-board' },
  { app: 'quality-probe' },
];

const imageName = (app: string) => `localhost/rerank-fleet/${app}`;
const dockerfile = (root: string, app: string) => join(root, 'deploy/docker', `${app}.Dockerfile`);

async function buildImages(run: Proof): Promise<void> {
  await provideBase(run, baseOf(readFileSync(dockerfile(run.root, 'gateway'), 'utf8')));
  const secrets = mkdtempSync(join(tmpdir(), 'rerank-fleet-secrets-'));
  try {
    const secretArgs = await writeSecrets(secrets);
    for (const { app, target } of images) {
      await work(run, `building the image of ${app}`, [
        ...['bud', '--layers', '--format', 'docker', '--pull-never', ...secretArgs],
        ...(target ? ['--target', target] : []),
        ...['--file', dockerfile(run.root, app), '--tag', imageName(app), run.root],
      ]);
    }
  } finally {
    rmSync(secrets, { recursive: true });
  }
}

/** Writes npm settings (which may contain tokens) and certificates to files. Returns buildah's arguments for them. */
async function writeSecrets(folder: string): Promise<string[]> {
  const secrets = { npmrc: await machineSettings(), ca: await extraCertificates() };
  return Object.entries(secrets).flatMap(([id, content]) => {
    if (content === undefined) return [];
    const file = join(folder, id);
    writeFileSync(file, content, { mode: 0o600 });
    return ['--secret', `id=${id},src=${file}`];
  });
}

async function openImages(run: Proof): Promise<Containers> {
  const opened: [string, Container][] = [];
  for (const { app } of images) opened.push([app, await openImage(run, { app, image: imageName(app) })]);
  return Object.fromEntries(opened) as Containers;
}

async function sizeOf({ app, root }: Container): Promise<ImageSize> {
  const [total, appSize, models] = await Promise.all(
    ['', 'app', 'models'].map((folder) => bytesOf(join(root, folder))),
  );
  return { name: app, total: total ?? 0, app: appSize ?? 0, models: models ?? 0 };
}

/** Size of the files of a folder in bytes. */
async function bytesOf(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const { stdout } = await promisify(execFile)('du', ['--summarize', '--bytes', '--one-file-system', folder]);
  return Number.parseInt(stdout, 10);
}

/** Builds, tests and measures the images. Stops all started processes in every case. */
async function run(proof: Proof): Promise<void> {
  try {
    await removeContainers(proof);
    await buildImages(proof);
    const containers = await openImages(proof);
    await proveImages(proof, containers);
    const sizes = await Promise.all(Object.values(containers).map(sizeOf));
    for (const line of ['', ...sizeLines(sizes), '']) proof.say(line);
  } finally {
    proof.say('removing the containers');
    for (const child of proof.children) if (!child.exit()) child.kill('SIGKILL');
    await Promise.all(proof.children.map((child) => child.exited));
    await removeContainers(proof);
  }
}

function defaultStorage(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rerank-fleet/images');
}

/** Runs the whole build with its folders. Returns the exit code. */
async function launch(storage: string, signal: AbortSignal): Promise<number> {
  mkdirSync(storage, { recursive: true });
  const claim = claimDataDir(storage);
  const logs = claimDataDir(undefined);
  const say = (line: string) => console.log(line);
  const beganMs = performance.now();
  let end: 'done' | 'failed' | 'interrupted' = 'done';
  try {
    const driver = await chooseDriver(storage, signal);
    say(`images are kept in ${storage} (${driver})`);
    const root = resolve(__dirname, '../../..');
    await run({ root, storage, driver, logs: logs.path, say, signal, children: [] });
  } catch (error) {
    end = signal.aborted || error instanceof Interrupted ? 'interrupted' : 'failed';
    if (end === 'failed') printError(error);
  }
  claim.release({ keepLogs: true });
  logs.release({ keepLogs: end === 'failed' });
  const tookS = Math.round((performance.now() - beganMs) / 1000);
  if (end === 'failed') say(`the logs are in ${logs.path}`);
  say(end === 'done' ? `all images built and tested in ${tookS} s` : `${end} after ${tookS} s`);
  return end === 'done' ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { storage: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  return launch(resolve(values.storage ?? defaultStorage()), abortOnSignals());
}

runCommand(main, 2);
