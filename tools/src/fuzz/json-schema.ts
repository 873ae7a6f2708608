import { z } from 'zod';

/** The keywords of a JSON schema that are needed to build a body. */
export interface JsonSchema {
  $ref?: string | undefined;
  type?: string | string[] | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  anyOf?: JsonSchema[] | undefined;
  oneOf?: JsonSchema[] | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  minimum?: number | undefined;
}

/** Parses a schema and drops other keywords. */
export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    minimum: z.number().optional(),
  }),
);

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Path of a value inside a JSON value: names of members and indexes of lists. */
export type JsonPath = readonly (string | number)[];

/** Options of an example. */
export interface ExampleOptions {
  /** The value of every text. */
  text: string;
  resolve(schema: JsonSchema): JsonSchema;
  /** Values of members that must exist in the fleet, by name. */
  known: Readonly<Record<string, Json>>;
}

/** A value that matches a schema, with all optional members. */
export function exampleOf(schema: JsonSchema, options: ExampleOptions): Json {
  const { text, resolve, known } = options;
  const { anyOf, oneOf, ...whole } = resolve(schema);
  if (whole.const !== undefined) return whole.const as Json;
  if (whole.enum !== undefined) return whole.enum[0] as Json;
  const [first] = anyOf ?? oneOf ?? [];
  if (first !== undefined) return exampleOf(first, options);
  const [type] = [whole.type].flat();
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(whole.properties ?? {}).map(([name, member]) => [
          name,
          name in known ? (known[name] as Json) : exampleOf(member, options),
        ]),
      );
    case 'array':
      return listExample(exampleOf(whole.items ?? {}, options), text);
    case 'integer':
    case 'number':
      return whole.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return text;
    default:
      return null;
  }
}

/** A list of two texts or of one other value. Objects are not repeated, because their members may have to be unique. */
function listExample(element: Json, text: string): Json[] {
  return typeof element === 'string' ? [`${text} one`, `${text} two`] : [element];
}

/** The paths of all values inside a value, except the value itself. */
export function pathsOf(value: Json, at: JsonPath = []): JsonPath[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const path = [...at, Array.isArray(value) ? Number(name) : name];
    return [path, ...pathsOf(member, path)];
  });
}

/** A copy of the value with the value at `path` replaced. */
export function withValue(value: Json, path: JsonPath, other: Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return other;
  if (Array.isArray(value)) return value.map((each, at) => (at === name ? withValue(each, rest, other) : each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([each, member]) => [each, each === name ? withValue(member, rest, other) : member]),
  );
}
