import { ConfigError } from '../config/config';
import { isError, messageFacts, withoutTarget } from '../logging/log-fields';

/**
 * Why a program failed, for the person who started it. An environment that cannot be used and a file that cannot be read
 * are told as they are. Of any other error no host and no URL is told, and of Node's own nothing that is quoted: these may
 * be parts of a secret whose variable is written wrongly.
 *
 * @param what what failed, such as `could not start`; left out where the error says it
 */
export function failureLine(error: unknown, what?: string): string {
  if (error instanceof ConfigError) return error.message;
  const reason = isError(error) ? reasonOf(error) : 'unknown reason';
  return what === undefined ? reason : `${what}: ${reason}`;
}

function reasonOf(error: Error & { syscall?: string; path?: unknown }): string {
  if (error.syscall !== undefined && typeof error.path === 'string') return error.message;
  // ours are plain errors; Node's about what it was given are TypeError and the like
  return error.name === 'Error' ? withoutTarget(error.message) : messageFacts(error);
}
