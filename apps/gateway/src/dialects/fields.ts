import { priorityMax } from '@rerank-fleet/contract';
import { z } from '../zod';
import type { JsonObject } from './dialect';

/**
 * The fields that dialects share. Every option takes null as "not given" and booleans take the strings "true" and
 * "false", because clients send both. Messages continue a sentence that begins with the field's name.
 */

const notText = 'must be a string';

/** What the texts of dialects that know `{text}` may be. */
const textOrObject = 'must be a string, or an object with a string `text`';

/** A text option. */
export const textOption = z.string({ error: notText }).nullish();

/** What the query asks for, in words. */
export const instructionOption = textOption.openapi({
  description: 'What "relevant" means here, for models that take an instruction.',
});

/**
 * `truncate`, `truncation`: clients send true, "true", "END", "NONE" or null, so that any value passes and none has an
 * effect.
 */
export const truncateOption = z.unknown().optional().openapi({
  description: 'Accepted in any form and ignored: texts that are too long are always cut from the right, and told.',
});

/** Which bundle answers. */
export const modelField = textOption.openapi({
  description: 'Name or alias of a model. Absent, null, empty or "default": the default model.',
});

/** The query, as a string or as Jina's `{text}`. */
export const queryField = z
  .union([z.string(), z.object({ text: z.string() })], { error: textOrObject })
  .openapi({ description: 'What the documents are ranked for.' });

/** The text of a {@link queryField} or a {@link textElement}. */
export function textOf(value: string | { text: string }): string {
  return typeof value === 'string' ? value : value.text;
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

/** How long the answer is: `top_n` or `top_k`. */
export const limitOption = countOption.openapi({
  description: 'How many results to return, best first; 0 or null: all.',
});

/** Whether texts come back. */
export const returnTextsOption = flagOption.openapi({
  description: 'Return with each result the text that was ranked.',
});

/** Whether scores are logits. */
export const rawScoresOption = flagOption.openapi({
  description: 'Return logits, whose sigmoids are the scores.',
});

/** Order among waiting requests. */
export const priorityOption = wholeNumber(priorityMax, `must be a whole number from 0 to ${priorityMax}`).openapi({
  type: ['integer', 'null'],
  minimum: 0,
  maximum: priorityMax,
  description: '0 (default) is the most urgent.',
});

/** The parts of OpenAPI schemas that list elements need. */
type PlainSchema =
  | { type: 'string' }
  | { type: 'object'; additionalProperties: boolean }
  | { type: 'object'; properties: { text: { type: 'string' } }; required: ['text'] };
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

/** Elements that are strings or `{text}`. */
export const textElement: ElementRule<string | { text: string }> = {
  matches: (element): element is string | { text: string } =>
    typeof element === 'string' || (isJsonObject(element) && typeof element['text'] === 'string'),
  expected: textOrObject,
  openapi: {
    oneOf: [{ type: 'string' }, { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }],
  },
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
