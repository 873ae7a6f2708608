import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Child, startChild } from '../up/children';
import { type ImageConfig, ask, parseImageConfig } from './buildah';
import type { Run } from './step';

/** An unpacked image. */
export interface Container {
  app: string;
  config: ImageConfig;
  /** Folder of its files. */
  root: string;
}

/** Unpacks an image, by its name. */
export async function openImage(run: Run, { app, image }: { app: string; image: string }): Promise<Container> {
  const config = parseImageConfig(await ask(run, 'inspect', '--type', 'image', image));
  const container = await ask(run, 'from', '--pull-never', image);
  return { app, config, root: await ask(run, 'mount', container) };
}

/**
 * Does the same as `docker run --read-only --tmpfs /tmp --security-opt no-new-privileges --network host`, but with
 * namespaces and mounts: separate mounts and processes, the command as process 1 under the image's user, and only /tmp
 * writable.
 * Arguments: the root folder, the user, and the command.
 */
const enter = `
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"`;

/** What to run in a container. Missing members are taken from the image. */
export interface Start {
  /** Name of the process in logs and messages. */
  name: string;
  command?: string[];
  env?: Record<string, string>;
}

/** Starts a process in a container, as the image's user and with the image's environment. */
export function startIn(run: Run, { app, config, root }: Container, start: Start): Promise<Child> {
  const { name, command = config.command, env = {} } = start;
  const inside = ['env', `--chdir=${config.workingDir}`, ...command];
  return startChild({
    app,
    name,
    // if unshare is killed, process 1 is killed too, and with it all other processes of the container
    command: 'setpriv',
    args: ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--']
      .concat(['sh', '-ec', enter, 'enter', root, config.user])
      .concat(inside),
    env: { ...config.env, ...env },
    logPath: join(run.logs, `${name}.log`),
  });
}

/** The process id of a container's process 1 in this namespace. */
export function mainPid({ pid, name }: Child): number {
  const [main] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  if (!main) throw new Error(`${name} has ended`);
  return Number(main);
}

/** How a process is confined, as reported by the kernel. */
export interface Confinement {
  user: string;
  group: string;
  /** Process id in its own namespace. */
  pid: string;
  /** Capabilities that the process has or can get, in hex. */
  capabilities: string;
  noNewPrivileges: boolean;
  readOnlyRoot: boolean;
  /** Name of the executable, without its folder. */
  program: string;
}

/** Reads how a process is confined. */
export function confinementOf(pid: number): Confinement {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
  const root = mounts.map((line) => line.split(' ')).find(([, , , , place]) => place === '/');
  return {
    user: field('Uid')[0] ?? '',
    group: field('Gid')[0] ?? '',
    pid: field('NSpid').at(-1) ?? '',
    capabilities: field('CapPrm')[0] ?? '',
    noNewPrivileges: field('NoNewPrivs')[0] === '1',
    readOnlyRoot: root?.[5]?.split(',').includes('ro') ?? false,
    program: basename(readlinkSync(`/proc/${pid}/exe`)),
  };
}
