import { priorityMax } from '@rerank-fleet/contract';
import { isDefaultName } from './model-name';
import { z } from './zod';
import { type Content, isContent, isPartList } from './content-parts';
import { isJsonObject } from '../http/json-object';

/**
 * The fields that dialects share. Every option accepts null as "not given". Booleans accept "true", "false", 0, 1, "0"
 * and "1"; counts accept strings of digits, because clients and their templates send these. Messages continue a
 * sentence that begins with the field's name.
 */

const notText = 'must be a string';

/** The element types in dialects that accept `{text}`. */
const textOrObject = 'must be a string, or an object with a string `text`';

/** A text option. */
export const textOption = z.string({ error: notText }).nullish();

/** Longest name of a model or of a member of documents. */
export const maxNameCharacters = 256;

/** A string with a length limit, which is checked before any other use. */
export function shortText(maxCharacters: number) {
  return z.string({ error: notText }).max(maxCharacters, { error: `must have at most ${maxCharacters} characters` });
}

/** The instruction, as text. */
export const instructionOption = textOption.openapi({
  description: 'What "relevant" means here, for models that take an instruction.',
});

const cutOption = z
  .unknown()
  .optional()
  .openapi({
    description:
      'Accepted in any form. "START": documents that are too long lose their start. A value that asks for no truncation (false, "NONE") ' +
      'has no effect, and a warning reports it if a document was truncated.',
  });
const sideOption = z.unknown().optional().openapi({
  description: '"left": documents that are too long lose their start and not their end ("right", the default).',
});

/** The truncation options, which all dialects read the same way. They accept any value, because clients differ. */
export const truncationOptions = {
  truncate: cutOption,
  truncation: cutOption,
  truncation_side: sideOption,
  truncation_direction: sideOption,
};

/** The model. */
export const modelField = shortText(maxNameCharacters).nullish().openapi({
  description:
    'Name or alias of a model. Absent, null, empty, "default" or "default/not-specified", also with a vendor\'s prefix: the default model.',
});

/** The named model; undefined for names of the default model. */
export function modelName(model: string | null | undefined): string | undefined {
  return model === null || model === undefined || isDefaultName(model) ? undefined : model;
}

/** A boolean option. */
export const flagOption = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0']), z.literal(1), z.literal(0)], {
    error: 'must be true or false',
  })
  .nullish();

/** The value of a {@link flagOption}; undefined when not given. */
export function flagOf(flag: z.infer<typeof flagOption>): boolean | undefined {
  if (flag === null || flag === undefined) return undefined;
  return flag === true || flag === 'true' || flag === 1 || flag === '1';
}

/** The value of a {@link flagOption}; false when not given. */
export function isSet(flag: z.infer<typeof flagOption>): boolean {
  return flagOf(flag) ?? false;
}

function wholeNumber(max: number, expected: string) {
  const number = z
    .number({ error: 'must be a number' })
    .refine((value) => Number.isInteger(value) && value >= 0 && value <= max, { error: expected });
  return z.preprocess(digitsAsNumber, number).nullish();
}

/** More digits than any plausible number, leading zeros included. */
const maxDigits = 32;

/** Parses numbers in quotes: templates (OpenSearch) send "4". */
function digitsAsNumber(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value !== 'string') return value;
  if (value.length > maxDigits) {
    context.addIssue(tooBig('string', maxDigits, `must have at most ${maxDigits} digits`));
    return z.NEVER;
  }
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** An issue that includes the limit. */
function tooBig(origin: 'string' | 'array', maximum: number, message: string) {
  return { code: 'too_big', origin, maximum, inclusive: true, message, input: undefined } as const;
}

/** The description of a whole number. A string must consist of digits. */
const wholeNumberSchema: { type: ('integer' | 'string' | 'null')[]; minimum: number; pattern: string } = {
  type: ['integer', 'string', 'null'],
  minimum: 0,
  pattern: '^\\d+$',
};

/** A count; 0 and null mean no limit. */
export const countOption = wholeNumber(Number.MAX_VALUE, 'must be a whole number, 0 or more').openapi(
  wholeNumberSchema,
);

/** The value of a {@link countOption}; undefined for no limit. */
export function countOf(value: number | null | undefined): number | undefined {
  if (value === null || value === undefined || value === 0) return undefined;
  // larger numbers are not exact, and no text has so many tokens
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** The number of results. APIs use different names for it, and clients mix them up, so both are accepted. */
export const limitOptions = {
  top_n: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
  top_k: countOption.openapi({ description: 'Another name of `top_n`, which takes precedence.' }),
};

/** The value of {@link limitOptions}; undefined: all. */
export function limitOf({ top_n: topN, top_k: topK }: z.infer<z.ZodObject<typeof limitOptions>>): number | undefined {
  return countOf(topN) ?? countOf(topK);
}

/** Whether texts are returned. */
export const returnTextsOption = flagOption.openapi({
  description: 'Return with each result the text that was ranked.',
});

/** Whether scores are logits. */
export const rawScoresOption = flagOption.openapi({
  description: 'Return logits, whose sigmoids are the scores.',
});

/** The raw-scores option with vLLM's names, which mean the opposite. */
export const activationOptions = {
  raw_scores: rawScoresOption,
  use_activation: flagOption.openapi({ description: 'false: logits, unless `raw_scores` says otherwise (vLLM).' }),
  activation: flagOption.openapi({
    description: 'Older name of `use_activation`, which takes precedence.',
  }),
};

/** The value of {@link activationOptions}. */
export function wantsRawScores(options: z.infer<z.ZodObject<typeof activationOptions>>): boolean {
  return flagOf(options.raw_scores) ?? flagOf(options.use_activation ?? options.activation) === false;
}

/** The priority among waiting requests. */
export const priorityOption = wholeNumber(priorityMax, `must be a whole number from 0 to ${priorityMax}`).openapi({
  ...wholeNumberSchema,
  maximum: priorityMax,
  description: '0 (default) is the most urgent.',
});

/** The parts of OpenAPI schemas that list elements need. */
type PlainSchema =
  | { type: 'string' }
  | { type: 'object'; additionalProperties: boolean; description?: string }
  | { type: 'array'; items: { type: 'object'; additionalProperties: boolean }; description: string };
type ElementSchema = { type: 'string' } | { oneOf: PlainSchema[] };

/** The allowed elements of a list. */
export interface ElementRule<T> {
  matches(element: unknown): element is T;
  /** Continues "`documents[3]` ...". */
  expected: string;
  /** The element's schema in the API's description. */
  openapi: ElementSchema;
}

const partListSchema: PlainSchema = {
  type: 'array',
  items: { type: 'object', additionalProperties: true },
  description: 'Content parts: `{type: "text", text}`. Any other kind is refused.',
};

/** Elements that are strings, `{text}` or content parts. */
export const textElement: ElementRule<Content> = {
  matches: isContent,
  expected: textOrObject,
  openapi: {
    oneOf: [
      { type: 'string' },
      {
        type: 'object',
        additionalProperties: true,
        description: 'With a string `text`, or with content parts as `content`.',
      },
      partListSchema,
    ],
  },
};

/** Elements that are strings, JSON objects or content parts. */
const documentElement: ElementRule<Content> = {
  matches: (element): element is Content => typeof element === 'string' || isJsonObject(element) || isPartList(element),
  expected: 'must be a string or an object',
  openapi: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }, partListSchema] },
};

/** A single element, such as the query. */
export function elementField<T>(rule: ElementRule<T>, description: string) {
  return z
    .custom<T>()
    .superRefine((value: unknown, context) => {
      if (rule.matches(value)) return;
      context.addIssue({ code: 'invalid_type', expected: 'string', message: rule.expected, input: value });
    })
    .openapi({ type: ['string', 'object', 'array'], ...rule.openapi, description });
}

/** The query: a string, Jina's `{text}`, or content parts. */
export const queryField = elementField(textElement, 'The text for which the documents are ranked.');

/**
 * A list whose validation stops at its first invalid element. A zod array reports every invalid element, which for a
 * body of 10 MB can be millions of issues and gigabytes of memory.
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

/** Texts, or forms of texts. */
export const textList = listOf(textElement, 'The texts to rank.');

/** Texts, or objects of which one member is ranked. */
export const documentList = listOf(
  documentElement,
  'The texts to rank. An object counts as its `text`, otherwise its JSON.',
);

/** Texts, or objects that may be ranked by selected members. */
export const documentsByFields = listOf(
  documentElement,
  'The texts to rank. An object counts as the values of its `rank_fields`, otherwise its `text`, otherwise its JSON.',
);

/** Limits the cost: each name is looked up in each document. */
const maxRankFields = 100;

/** The selected members. Their number and lengths are checked before they are used. */
export const rankFieldsOption = z
  .custom<readonly string[]>()
  .superRefine((value: unknown, context) => {
    const wrongType = (expected: 'array' | 'string', message: string, path: number[] = []) =>
      context.addIssue({ code: 'invalid_type', expected, path, message, input: value });
    if (!Array.isArray(value)) return wrongType('array', 'must be a list');
    if (value.length > maxRankFields) {
      const message = `has ${value.length} names; the limit is ${maxRankFields}`;
      return context.addIssue(tooBig('array', maxRankFields, message));
    }
    const index = value.findIndex((name) => typeof name !== 'string' || name.length > maxNameCharacters);
    if (index === -1) return;
    if (typeof value[index] !== 'string') return wrongType('string', notText, [index]);
    const message = `must have at most ${maxNameCharacters} characters`;
    context.addIssue({ ...tooBig('string', maxNameCharacters, message), path: [index] });
  })
  .nullish()
  .openapi({
    type: ['array', 'null'],
    items: { type: 'string', maxLength: maxNameCharacters },
    maxItems: maxRankFields,
    description:
      'Members of object documents to rank by, joined by line breaks in this order; a repeated name counts once.',
  });

/**
 * The body of a dialect: the fields that all have, its `list` of texts with the fields beside it, and its further
 * `options`.
 */
export function rankingBody<List extends z.ZodRawShape, Options extends z.ZodRawShape = Record<never, never>>(
  name: string,
  list: List,
  options = {} as Options,
) {
  const shape = { model: modelField, query: queryField, ...list, ...limitOptions, ...options, ...truncationOptions };
  return z.object(shape).openapi(name);
}
