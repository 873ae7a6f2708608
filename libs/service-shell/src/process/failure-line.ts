import { ConfigError } from '../config/config';
import { isError, messageFacts, withoutTarget } from '../logging/log-fields';

/**
 * The reason why a program failed, for the operator. An invalid environment or an unreadable file is reported
 * unchanged. Of any other error, hosts and URLs are removed, and of Node's own errors quoted texts too: these may be
 * parts of a secret whose variable is written incorrectly.
 *
 * @param what what failed, such as `could not start`; undefined if the error says it
 */
export function failureLine(error: unknown, what?: string): string {
  if (error instanceof ConfigError) return error.message;
  const reason = isError(error) ? reasonOf(error) : 'unknown reason';
  return what === undefined ? reason : `${what}: ${reason}`;
}

function reasonOf(error: Error & { syscall?: string; path?: unknown }): string {
  if (error.syscall !== undefined && typeof error.path === 'string') return error.message;
  // errors of this project are plain; Node's errors about arguments are TypeError and similar
  return error.name === 'Error' ? withoutTarget(error.message) : messageFacts(error);
}
