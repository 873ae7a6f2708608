import { readdirSync } from 'node:fs';
import type { Child } from '../up/children';
import { diedEarly, progress } from '../up/fleet';
import { exitText } from '../up/lines';
import { checkPort } from '../up/ports';
import { poll } from '../up/waiting';
import { type Confinement, type Container, confinementOf, mainPid, startIn } from './container';
import type { Run } from './step';

/** A run that starts processes and must stop all of them. */
export interface Proof extends Run {
  children: Child[];
}

/** A process of an app, started from its image. */
export interface Service {
  name: string;
  container: Container;
  /** Environment in addition to that of the image. */
  env: Record<string, string>;
  child: Child;
  opsUrl: string;
  /** Address of its main port; undefined if the image sets no PORT. */
  url: string | undefined;
}

const readyLimitMs = 180_000;
const exitLimitMs = 60_000;
const noCapabilities = '0'.repeat(16);

/**
 * Starts an app from its image on free ports and waits until the image's health check passes. The check must fail
 * before the start. Throws when the app ends, takes too long, or is not confined.
 */
export async function startService(
  proof: Proof,
  container: Container,
  { name, env: more }: { name: string; env: Record<string, string> },
): Promise<Service> {
  const [port, opsPort] = [await freePort(), await freePort()];
  const env = { OPS_PORT: String(opsPort), ...(container.config.env['PORT'] && { PORT: String(port) }), ...more };
  if (await isHealthy(proof, { name, container, env })) throw new Error(`${name} is healthy before it is started`);
  const child = await startIn(proof, container, { name, env });
  proof.children.push(child);
  const service: Service = {
    name,
    container,
    env,
    child,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    url: env.PORT && `http://127.0.0.1:${port}`,
  };
  await awaitHealth(proof, service);
  const { user, pid } = checkedConfinement(service);
  proof.say(`  ${name}: healthy; node is process ${pid}, user ${user}, no capabilities, root read-only`);
  return service;
}

async function freePort(): Promise<number> {
  const check = await checkPort('0.0.0.0', 0);
  if (check.state !== 'free') throw new Error('there is no free port');
  return check.port;
}

async function awaitHealth(proof: Proof, service: Service): Promise<void> {
  const { name, child } = service;
  const reportWait = progress(proof, `waiting for ${name} to be healthy`);
  await poll(() => isHealthy(proof, service), {
    signal: proof.signal,
    intervalMs: 250,
    onWait: (waitedMs) => {
      const exit = child.exit();
      if (exit) throw diedEarly(child, exit);
      if (waitedMs > readyLimitMs) throw new Error(`${name} is not healthy after ${readyLimitMs / 1000} s`);
      reportWait(waitedMs);
    },
  });
}

/** Runs the health check of a service's image, as a container engine does. */
async function isHealthy(
  proof: Proof,
  { name, container, env }: Pick<Service, 'name' | 'container' | 'env'>,
): Promise<boolean> {
  const command = container.config.healthCommand;
  return (await codeOf(proof, container, { name: `${name}-health`, command, env })) === 0;
}

/** Runs a command in a container. Returns its exit code. */
async function codeOf(
  proof: Proof,
  container: Container,
  start: { name: string; command: string[]; env?: Record<string, string> },
): Promise<number | null> {
  const child = await startIn(proof, container, start);
  proof.children.push(child);
  const { code } = await ended(proof, child);
  return code;
}

/** Runs a command in a container. Throws when it fails. */
export async function runIn(proof: Proof, container: Container, command: string[]): Promise<void> {
  const code = await codeOf(proof, container, { name: command.slice(1).join('-'), command });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with exit code ${code} in the image of ${container.app}`);
  proof.say(`  ${container.app}: ${command.join(' ')}`);
}

/** Waits for the end of a process. Throws at the time limit. */
async function ended(proof: Proof, child: Child) {
  const exit = await poll(() => child.exit(), {
    signal: proof.signal,
    onWait: (waitedMs) => {
      if (waitedMs > exitLimitMs) throw new Error(`${child.name} has not ended after ${exitLimitMs / 1000} s`);
    },
  });
  return exit ?? child.exited;
}

/** Checks the confinement of a service. Throws when it differs from the image, or is weaker than required. */
function checkedConfinement({ name, container, child }: Service): Confinement {
  const [user = '', group = ''] = container.config.user.split(':');
  const wanted = { user, group, pid: '1', capabilities: noCapabilities, noNewPrivileges: true, readOnlyRoot: true };
  const found = confinementOf(mainPid(child));
  for (const [what, value] of Object.entries({ ...wanted, program: 'node' })) {
    const other = found[what as keyof Confinement];
    if (other !== value) throw new Error(`${name}: ${what} is ${other}, not ${value}`);
  }
  return found;
}

/** Sends a service the stop signal of its image. Throws when the service has written to /tmp. */
export function askToStop({ name, container, child }: Service): void {
  const pid = mainPid(child);
  const written = readdirSync(`/proc/${pid}/root/tmp`);
  if (written.length > 0) throw new Error(`${name} has written to /tmp: ${written.join(', ')}`);
  process.kill(pid, container.config.stopSignal);
}

/** Waits for the end of a service that got the stop signal. Throws when its exit code is not 0. */
export async function awaitCleanEnd(proof: Proof, { name, child }: Service): Promise<void> {
  const exit = await ended(proof, child);
  if (exit.code !== 0) throw new Error(`${name} ended by ${exitText(exit)} after SIGTERM`);
}
