import { z } from 'zod';

/** The parts of a JSON schema that bodies are made of. */
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

/** Reads a schema; what it holds beside these parts is left out. */
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

/** Where a value lies in a JSON value: names of members and places in lists. */
export type Place = readonly (string | number)[];

/** How an example is made. */
export interface ExampleOptions {
  /** In every text of it. */
  text: string;
  resolve(schema: JsonSchema): JsonSchema;
  /** Members that must be something that only the fleet knows, by name. */
  known: Readonly<Record<string, Json>>;
}

/** A value that fits a schema, with every member that it may have. */
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

/** Two texts, or one of anything else: members of objects may have to differ. */
function listExample(element: Json, text: string): Json[] {
  return typeof element === 'string' ? [`${text} one`, `${text} two`] : [element];
}

/** Every place in a value that a body can be spoilt at, the whole of it left out. */
export function placesOf(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const place = [...at, Array.isArray(value) ? Number(name) : name];
    return [place, ...placesOf(member, place)];
  });
}

/** The value with another one at a place. */
export function withValue(value: Json, place: Place, other: Json): Json {
  const [name, ...rest] = place;
  if (name === undefined) return other;
  if (Array.isArray(value)) return value.map((each, at) => (at === name ? withValue(each, rest, other) : each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([each, member]) => [each, each === name ? withValue(member, rest, other) : member]),
  );
}
