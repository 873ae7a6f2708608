import type { z } from 'zod';
import type { FieldMeta } from './config-fields';

/** The facts of one variable in a schema. */
export interface FieldFacts {
  variable: string;
  allowed: string | undefined;
  holds: FieldMeta['holds'] | undefined;
  /** zod's name of the innermost type, for fields without a description of their values. */
  zodType: string;
  default: string | undefined;
  required: boolean;
  description: string | undefined;
}

/** The members of zod's definitions that lead from a wrapper to the wrapped schema. */
interface SchemaDefinition {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  defaultValue?: unknown;
  shape?: Record<string, z.ZodType>;
}

/**
 * Reads the variables of a configuration schema.
 *
 * @throws Error if the schema does not wrap an object of variables
 */
export function configFacts(schema: z.ZodType): FieldFacts[] {
  const object = unwrap(schema).find((layer) => definition(layer).shape !== undefined);
  if (object === undefined) throw new Error('a configuration schema must be an object of variables');
  return Object.entries(definition(object).shape ?? {}).map(([variable, field]) => fieldFacts(variable, field));
}

/** zod keeps `.meta()` and `.describe()` on the layer on which they were called, so every layer is read. */
function fieldFacts(variable: string, field: z.ZodType): FieldFacts {
  const layers = unwrap(field);
  const metas = layers.map((layer) => (layer.meta() ?? {}) as Partial<FieldMeta> & { description?: string });
  const defaults = layers.map((layer) => definition(layer).defaultValue).filter((value) => value !== undefined);
  const innermost = layers[layers.length - 1] ?? field;
  return {
    variable,
    allowed: metas.find((meta) => meta.allowed !== undefined)?.allowed,
    holds: metas.find((meta) => meta.holds !== undefined)?.holds,
    zodType: definition(innermost).type,
    default: defaults.length === 0 ? undefined : String(defaults[0]),
    required: !field.safeParse(undefined).success,
    description: metas.find((meta) => meta.description !== undefined)?.description,
  };
}

/** A schema and all schemas that it wraps, outermost first. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: input } = definition(schema);
  const inner = innerType ?? input;
  return inner === undefined ? [schema] : [schema, ...unwrap(inner)];
}

function definition(schema: z.ZodType): SchemaDefinition {
  return schema.def as unknown as SchemaDefinition;
}
