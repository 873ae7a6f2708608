import { z } from 'zod';
import { ExportError } from '../errors/export-error';

/** A size in config.json. */
export const size = z.number().int().positive();

/** A setting that must have one of these values, or be absent: with another value the graph would be another one. */
export const onlyIfPresent = <const Value extends string | boolean | null>(...values: Value[]) =>
  z.literal(values).optional();

/** One label, as transformers counts them: `id2label`, otherwise `num_labels`, otherwise two. */
export function labelCount({ id2label, num_labels: count }: z.infer<typeof labelFields>): number {
  return id2label ? Object.keys(id2label).length : (count ?? 2);
}
export const labelFields = z.object({
  id2label: z.record(z.string(), z.unknown()).nullish(),
  num_labels: size.nullish(),
});

/** The base of rotary embeddings in the style of transformers 4 (`rope_theta`) and 5 (`rope_parameters`). */
export const rotaryFields = z.object({
  rope_theta: z.number().positive().optional(),
  rope_scaling: z.null().optional(),
  rope_parameters: z.object({ rope_theta: z.number().positive(), rope_type: onlyIfPresent('default') }).nullish(),
});
export function rotaryBase({ rope_theta: base, rope_parameters: parameters }: z.infer<typeof rotaryFields>): number {
  const found = parameters?.rope_theta ?? base;
  if (found === undefined) throw new ExportError('config.json has neither rope_theta nor rope_parameters');
  return found;
}

/**
 * Reads config.json by a schema.
 * @throws ExportError that names the field
 */
export function readConfig<Schema extends z.ZodType>(schema: Schema, config: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'it';
  throw new ExportError(`config.json: ${field}: ${(issue?.message ?? 'not supported').replace(/\s+/g, ' ')}`);
}
