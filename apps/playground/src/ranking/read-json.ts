/** Reads a value of unknown shape; undefined when it does not fit. A value that fits is never undefined. */
export type Reader<T> = (value: unknown) => T | undefined;

/**
 * The part of a gateway's answer that a reader returns, in the page's spelling. If the reader reads more than the
 * gateway's schema promises, the type is `never`, and code that uses it does not compile.
 */
export type ReadOf<Answer, R extends Reader<unknown>> = Spelled<Answer> extends ReadBy<R> ? ReadBy<R> : never;

type ReadBy<R> = R extends Reader<infer T> ? T : never;

/** Renames `max_length` to `maxLength`, and makes a member that may be missing nullable. */
type Spelled<T> = T extends readonly (infer Element)[]
  ? Spelled<Element>[]
  : T extends object
    ? { [Name in keyof T & string as CamelCase<Name>]-?: Spelled<Present<T[Name]>> }
    : T;

type Present<T> = undefined extends T ? Exclude<T, undefined> | null : T;

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);

export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

export const finite: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** A whole number, 0 or more. */
export const count: Reader<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** One of these strings. */
export function oneOf<T extends string>(...values: readonly T[]): Reader<T> {
  return (value) => values.find((each) => each === value);
}

/** Null (also for a missing member), or a value that the reader accepts. */
export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** A list in which every element fits. */
export function listOf<T>(read: Reader<T>): Reader<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const elements = value.map((element) => read(element));
    return elements.every((element) => element !== undefined) ? elements : undefined;
  };
}

/** An object with these members and any others. A member `maxLength` is read from the API's `max_length`. */
export function object<T extends object>(members: { [K in keyof T]: Reader<T[K]> }): Reader<T> {
  const entries = Object.entries<Reader<unknown>>(members);
  return (value) => {
    if (!isObject(value)) return undefined;
    const read = entries.map(([name, readMember]) => [name, readMember(memberOf(value, snakeCase(name)))] as const);
    return read.every(([, member]) => member !== undefined) ? (Object.fromEntries(read) as T) : undefined;
  };
}

/** True for `{...}`, false for null and lists. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON text; undefined if it is not JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function memberOf(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
