import { priorityMax } from '@rerank-fleet/contract';
import { z } from '../zod';
import type { JsonObject } from './dialect';

/**
 * The fields that dialects share. Every option takes null as "not given" and booleans take the strings "true" and
 * "false", because clients send both. Messages continue a sentence that begins with the field's name.
 */

const notText = 'must be a string';

/** A text option. */
export const textOption = z.string({ error: notText }).nullish();

/** Which bundle answers. */
export const modelField = textOption.openapi({
  description: 'Name or alias of a model. Absent, null, empty or "default": the default model.',
});

/** The query, as a string or as Jina's `{text}`. */
export const queryField = z
  .union([z.string(), z.object({ text: z.string() })], { error: 'must be a string, or an object with a string `text`' })
  .openapi({ description: 'What the documents are ranked for.' });

/** The text of a {@link queryField}. */
export function queryText(query: z.infer<typeof queryField>): string {
  return typeof query === 'string' ? query : query.text;
}

/** The model that was named; undefined for what stands for the default one. */
export function modelName(model: string | null | undefined): string | undefined {
  return model === null || model === undefined || model === '' || model === 'default' ? undefined : model;
}

/** A boolean option. */
export const flagOption = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' })
  .nullish();

/** The value of a {@link flagOption}; false when not given. */
export function isSet(flag: boolean | 'true' | 'false' | null | undefined): boolean {
  return flag === true || flag === 'true';
}

function wholeNumber(max: number, expected: string) {
  return z
    .number({ error: 'must be a number' })
    .refine((value) => Number.isInteger(value) && value >= 0 && value <= max, { error: expected })
    .nullish();
}

/** A count that 0 and null leave open, as "all" or "no limit of mine". */
export const countOption = wholeNumber(Number.MAX_VALUE, 'must be a whole number, 0 or more').openapi({
  type: ['integer', 'null'],
  minimum: 0,
});

/** The value of a {@link countOption}; undefined when it is left open. */
export function countOf(value: number | null | undefined): number | undefined {
  return value === null || value === undefined || value === 0 ? undefined : value;
}

/** Order among waiting requests. */
export const priorityOption = wholeNumber(priorityMax, `must be a whole number from 0 to ${priorityMax}`).openapi({
  type: ['integer', 'null'],
  minimum: 0,
  maximum: priorityMax,
  description: '0 (default) is the most urgent.',
});

/** The parts of OpenAPI schemas that list elements need. */
type PlainSchema = { type: 'string' } | { type: 'object'; additionalProperties: boolean };
type ElementSchema = PlainSchema | { oneOf: PlainSchema[] };

/** What the elements of a list may be. */
export interface ElementRule<T> {
  matches(element: unknown): element is T;
  /** Continues "`documents[3]` ...". */
  expected: string;
  /** The element's schema in the API's description. */
  openapi: ElementSchema;
}

/** Elements that are strings. */
export const stringElement: ElementRule<string> = {
  matches: (element) => typeof element === 'string',
  expected: notText,
  openapi: { type: 'string' },
};

/** Elements that are strings or JSON objects. */
export const documentElement: ElementRule<string | JsonObject> = {
  matches: (element): element is string | JsonObject => typeof element === 'string' || isJsonObject(element),
  expected: 'must be a string or an object',
  openapi: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }] },
};

/**
 * A list that is given up at its first bad element. A zod array reports every one of them, and a body of 10 MB holds
 * millions: gigabytes of issues for one request.
 */
export function listOf<T>(rule: ElementRule<T>, description: string) {
  return z
    .custom<readonly T[]>()
    .superRefine((value: unknown, context) => {
      if (!Array.isArray(value)) {
        context.addIssue({ code: 'invalid_type', expected: 'array', message: 'must be a list', input: value });
        return;
      }
      const index = value.findIndex((element) => !rule.matches(element));
      if (index === -1) return;
      context.addIssue({
        code: 'invalid_type',
        expected: 'string',
        path: [index],
        message: rule.expected,
        input: value[index],
      });
    })
    .openapi({ type: 'array', items: rule.openapi, description });
}

/** True for `{...}`, false for null and lists. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
