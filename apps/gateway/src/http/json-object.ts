/** A JSON object as it was parsed; keys such as `__proto__` are plain own properties of it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for `{...}`, false for null and lists. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
