import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Run, runLogged } from './step';

type Storage = Pick<Run, 'storage' | 'driver'>;

/** Each driver has a folder of its own: buildah mixes them up otherwise. */
function storageArgs({ storage, driver }: Storage): string[] {
  const folder = join(storage, driver);
  return ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', driver];
}

/** A quick command of buildah's; what it printed. */
export async function ask(run: Storage & Pick<Run, 'signal'>, ...args: string[]): Promise<string> {
  const options = { signal: run.signal, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('buildah', [...storageArgs(run), ...args], options);
  return stdout.trim();
}

/** A long command of buildah's. Its containers are isolated by chroot: that works inside other containers too. */
export async function work(run: Run, name: string, args: string[]): Promise<void> {
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' };
  await runLogged(run, { name, command: 'buildah', args: [...storageArgs(run), ...args], env, limitMs: 1_800_000 });
}

/** How layers are to be kept: STORAGE_DRIVER, else `overlay` where the kernel can, else `vfs`, which copies each layer whole. */
export async function chooseDriver(storage: string, signal: AbortSignal): Promise<string> {
  const wanted = process.env['STORAGE_DRIVER'];
  if (wanted) return wanted;
  return ask({ storage, driver: 'overlay', signal }, 'info').then(
    () => 'overlay',
    () => 'vfs',
  );
}

/** Whether the storage holds an image. */
export async function hasImage(run: Run, name: string): Promise<boolean> {
  return (await ask(run, 'images', '--quiet', '--filter', `reference=${name}`)) !== '';
}

/** Removes every container: of this run, and of one that was killed. The storage is this run's alone. */
export async function removeContainers(run: Storage): Promise<void> {
  await ask({ ...run, signal: AbortSignal.timeout(60_000) }, 'rm', '--all');
}

const imageSchema = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Cmd: z.array(z.string()),
      Entrypoint: z.array(z.string()).nullish(),
      WorkingDir: z.string(),
      StopSignal: z.string(),
      Healthcheck: z.object({ Test: z.tuple([z.literal('CMD')]).rest(z.string()) }),
    }),
  }),
});

/** How an image says that it is run. */
export interface ImageConfig {
  user: string;
  env: Record<string, string>;
  /** Entry point and arguments. */
  command: string[];
  workingDir: string;
  stopSignal: string;
  healthCommand: string[];
}

/** Reads what `buildah inspect` prints of an image. Throws when it says less than an image of ours does. */
export function parseImageConfig(inspected: string): ImageConfig {
  const { config } = imageSchema.parse(JSON.parse(inspected)).Docker;
  const [, ...healthCommand] = config.Healthcheck.Test;
  return {
    user: config.User,
    env: Object.fromEntries(config.Env.map((each) => [each.split('=', 1)[0] ?? '', each.slice(each.indexOf('=') + 1)])),
    command: [...(config.Entrypoint ?? []), ...config.Cmd],
    workingDir: config.WorkingDir,
    stopSignal: config.StopSignal,
    healthCommand,
  };
}
