/** Reads a value of unknown shape; undefined when it does not fit. A value that fits is never undefined. */
export type Reader<T> = (value: unknown) => T | undefined;

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

/** Null, also for a member that is missing, or what the reader takes. */
export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** A list of which every element fits. */
export function listOf<T>(read: Reader<T>): Reader<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const elements = value.map((element) => read(element));
    return elements.every((element) => element !== undefined) ? elements : undefined;
  };
}

/** An object with these members and any others. A member `maxLength` is read from `max_length`, as the API spells it. */
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

/** The value of JSON text; undefined for what is none. */
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
