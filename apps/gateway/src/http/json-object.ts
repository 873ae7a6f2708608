/** A parsed JSON object. Keys such as `__proto__` are ordinary own properties. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for `{...}`, false for null and lists. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
