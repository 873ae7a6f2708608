import { isIP } from 'node:net';
import { types } from 'node:util';

/** The fields of a log line. See {@link loggable} for how values are changed. */
export type LogFields = Readonly<Record<string, unknown>>;

const tokenLengthMax = 200;
const listLengthMax = 50;
const causeDepthMax = 3;
/** A URL with a user or a password, whatever its parts. */
const holdsUser = /:\/\/.*@/;

/** Keys of every line. A field with such a name gets an underscore, because JSON readers keep only one of two. */
const lineKeys = new Set(['level', 'time', 'pid', 'app', 'msg']);

/** All fields, with values that may be logged. */
export function loggableFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [lineKeys.has(key) ? `${key}_` : key, loggable(value)]),
  );
}

/**
 * Converts a value into one that may be logged. Numbers and flags are kept. A string is kept only if it looks like an
 * identifier, an address or a code (printable ASCII without spaces, no URL with a user, at most 200 characters). Any
 * other string is replaced by its length, so that no text of a request is logged. An error keeps its type, code, stack
 * frames, and its message without quoted parts and without the target of a call. Any other object is replaced by its
 * type.
 */
export function loggable(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return token(value);
  if (isError(value)) return errorFacts(value, 0);
  if (Array.isArray(value))
    return value.slice(0, listLengthMax).map((item) => (Array.isArray(item) ? '<list>' : loggable(item)));
  return `<${typeof value}>`;
}

function token(text: string): string {
  const isToken = /^[\x21-\x7e]*$/.test(text) && text.length <= tokenLengthMax && !holdsUser.test(text);
  return isToken ? text : `<text of ${text.length} characters>`;
}

/** Copies only known properties: clients attach what they sent to their errors (ioredis: the command's arguments). */
function errorFacts(error: Error, depth: number): Record<string, unknown> {
  const { code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  const inner: unknown = Array.isArray(errors) ? errors[0] : cause;
  return {
    type: token(error.name),
    message: messageFacts(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: loggable(code) } : {}),
    frames: stackFrames(error),
    ...(isError(inner) && depth < causeDepthMax ? { cause: errorFacts(inner, depth + 1) } : {}),
  };
}

/** An error's message without quoted parts and without the target of its call. */
export function messageFacts({ message }: Error): string {
  return withoutTarget(withoutQuotes(message));
}

/** Detects errors of any realm: those of Node's own modules are not instances of a sandbox's `Error`. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/**
 * Parsers and Redis may quote a user's text, which may contain quotes itself. So everything from the first opening
 * quote to the last quote is removed, or to the end of the line if the closing quote is missing.
 */
function withoutQuotes(message: string): string {
  const [firstLine = ''] = message.split('\n', 1);
  const isCut = firstLine.length < message.length;
  const line = firstLine.slice(0, tokenLengthMax);
  const open = line.search(/["`“‘]|(?<!\w)'/);
  if (open < 0) return line;
  const close = Math.max(...[...`"'\`”’`].map((quote) => line.lastIndexOf(quote)));
  const isClosed = close > open && !isCut && line.length === firstLine.length;
  return `${line.slice(0, open)}<quoted>${isClosed ? line.slice(close + 1) : ''}`;
}

/** Texts before an unquoted target in messages. All that follows may belong to the target. */
const beforeTarget = [
  // a URL at any position, also without its slashes
  /\bURL(?: from|:) /,
  /\b[a-z][a-z\d+.-]*:(?=\/\/)/i,
  // the value of an option: Node, OpenTelemetry
  /\bReceived /,
  /\(actual: /,
  // the name that a certificate lacks, the user that Redis refuses
  /\baltnames: /,
  /\bNOPERM User /,
];

/**
 * A message without its host, path, URL or user. If a URL was written incorrectly, such as with a `#` in its password,
 * these can be parts of the password. An IP address and its port are kept.
 */
export function withoutTarget(message: string): string {
  const [untilTarget, target = ''] = /^.*?\b[a-z]\w* E[A-Z_]{3,} (\S+)/s.exec(message) ?? [];
  const line = untilTarget === undefined ? message : cutTarget(untilTarget, target);
  const ends = beforeTarget.flatMap((pattern) => {
    const found = pattern.exec(line);
    return found === null ? [] : [found.index + found[0].length];
  });
  return ends.length === 0 ? line : `${line.slice(0, Math.min(...ends))}<hidden>`;
}

/** System errors end with the target of the call: `getaddrinfo ENOTFOUND host`, `connect ECONNREFUSED address:port`. */
function cutTarget(line: string, target: string): string {
  return isIP(target.replace(/:\d+$/, '')) === 0 ? `${line.slice(0, -target.length)}<hidden>` : line;
}

/** The lines after the message. The message is removed first, because it may look like frames. */
function stackFrames(error: Error): string[] {
  const stack = error.stack ?? '';
  const messageAt = stack.indexOf(error.message);
  if (messageAt < 0) return [];
  return stack
    .slice(messageAt + error.message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, listLengthMax)
    .map((line) => line.trim());
}
