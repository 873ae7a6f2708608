import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Settings with which npm reaches a registry. Others, such as folders, are specific to a machine. */
const reaching =
  /^\s*(\/\/|(@[^:=\s]+:)?registry\b|(https?-)?proxy\b|noproxy\b|strict-ssl\b|replace-registry-host\b|ca(\[\])?\s*=)/;

/**
 * Returns the npm settings that are valid on other machines.
 *
 * @param files contents of npmrc files, a later one overriding an earlier one
 */
export function portableSettings(files: readonly string[]): string {
  const lines = files.flatMap((file) => file.split('\n')).filter((line) => reaching.test(line));
  return [...lines, ''].join('\n');
}

/** The settings by which npm reaches its registry from this machine. They may hold tokens. */
export async function machineSettings(): Promise<string> {
  const files = [await npmConfig('globalconfig'), await npmConfig('userconfig')];
  return portableSettings(await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => ''))));
}

/** Additional certificates that Node trusts on this machine, in PEM format; undefined = none. */
export async function extraCertificates(): Promise<string | undefined> {
  const file = process.env['NODE_EXTRA_CA_CERTS'] || (await npmConfig('cafile'));
  return file ? readFile(file, 'utf8') : undefined;
}

/** An npm setting outside any project; empty when it is not set. */
async function npmConfig(key: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', key], { cwd: '/', timeout: 60_000 });
  const value = stdout.trim();
  return ['null', 'undefined'].includes(value) ? '' : value;
}
