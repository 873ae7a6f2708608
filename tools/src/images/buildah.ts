import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Run, runLogged } from './step';

type Storage = Pick<Run, 'storage' | 'driver'>;

/** Each driver has its own folder, because buildah cannot share one between drivers. */
function storageArgs({ storage, driver }: Storage): string[] {
  const folder = join(storage, driver);
  return ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', driver];
}

/** Runs a short buildah command. Returns its output. */
export async function ask(run: Storage & Pick<Run, 'signal'>, ...args: string[]): Promise<string> {
  const options = { signal: run.signal, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('buildah', [...storageArgs(run), ...args], options);
  return stdout.trim();
}

/** Runs a long buildah command. Its containers are isolated by chroot, which also works inside other containers. */
export async function work(run: Run, name: string, args: string[]): Promise<void> {
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' };
  await runLogged(run, { name, command: 'buildah', args: [...storageArgs(run), ...args], env, limitMs: 1_800_000 });
}

/** The storage driver: STORAGE_DRIVER, otherwise `overlay` if the kernel supports it, otherwise `vfs` (full copies). */
export async function chooseDriver(storage: string, signal: AbortSignal): Promise<string> {
  const wanted = process.env['STORAGE_DRIVER'];
  if (wanted) return wanted;
  return ask({ storage, driver: 'overlay', signal }, 'info').then(
    () => 'overlay',
    () => 'vfs',
  );
}

/** Whether the storage contains an image. */
export async function hasImage(run: Run, name: string): Promise<boolean> {
  return (await ask(run, 'images', '--quiet', '--filter', `reference=${name}`)) !== '';
}

/** Removes every container, also those of an earlier run that was killed. No other run uses the storage. */
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

/** The run configuration of an image. */
export interface ImageConfig {
  user: string;
  env: Record<string, string>;
  /** Entry point and arguments. */
  command: string[];
  workingDir: string;
  stopSignal: string;
  healthCommand: string[];
}

/** Parses the output of `buildah inspect` for an image. Throws when a part that our images have is missing. */
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
