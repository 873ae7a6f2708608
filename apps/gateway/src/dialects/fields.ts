import { priorityMax } from '@rerank-fleet/contract';
import { isDefaultName } from './model-name';
import { z } from './zod';
import { type Content, isContent, isPartList } from './content-parts';
import { isJsonObject } from '../http/json-object';

/**
 * The fields that dialects share. Every option takes null as "not given", booleans take "true", "false", 0, 1, "0" and
 * "1", counts take strings of digits, because clients and their templates send all of these. Messages continue a sentence
 * that begins with the field's name.
 */

const notText = 'must be a string';

/** What the texts of dialects that know `{text}` may be. */
const textOrObject = 'must be a string, or an object with a string `text`';

/** A text option. */
export const textOption = z.string({ error: notText }).nullish();

/** Longest name of a model, or of a member of documents: nothing has a longer one. */
export const maxNameCharacters = 256;

/** A text that is no text to rank: bounded before anything is done with it. */
export function shortText(maxCharacters: number) {
  return z.string({ error: notText }).max(maxCharacters, { error: `must have at most ${maxCharacters} characters` });
}

/** What the query asks for, in words. */
export const instructionOption = textOption.openapi({
  description: 'What "relevant" means here, for models that take an instruction.',
});

const cutOption = z
  .unknown()
  .optional()
  .openapi({
    description:
      'Accepted in any form. "START": documents that are too long lose their start. What asks for no cut (false, "NONE") ' +
      'has no effect, and is warned of where a document was cut.',
  });
const sideOption = z.unknown().optional().openapi({
  description: '"left": documents that are too long lose their start and not their end ("right", the default).',
});

/** How texts that are too long are cut, which every dialect reads alike: clients send all kinds of values. */
export const truncationOptions = {
  truncate: cutOption,
  truncation: cutOption,
  truncation_side: sideOption,
  truncation_direction: sideOption,
};

/** Which bundle answers. */
export const modelField = shortText(maxNameCharacters).nullish().openapi({
  description:
    'Name or alias of a model. Absent, null, empty, "default" or "default/not-specified", also after a vendor\'s prefix: the default model.',
});

/** The model that was named; undefined for what stands for the default one. */
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

/** The same, false when not given. */
export function isSet(flag: z.infer<typeof flagOption>): boolean {
  return flagOf(flag) ?? false;
}

function wholeNumber(max: number, expected: string) {
  const number = z
    .number({ error: 'must be a number' })
    .refine((value) => Number.isInteger(value) && value >= 0 && value <= max, { error: expected });
  return z.preprocess(digitsAsNumber, number).nullish();
}

/** More than any number that is meant, with zeros before it. */
const maxDigits = 32;

/** Templates that quote numbers (OpenSearch) send "4". */
function digitsAsNumber(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value !== 'string') return value;
  if (value.length > maxDigits) {
    context.addIssue(tooBig('string', maxDigits, `must have at most ${maxDigits} digits`));
    return z.NEVER;
  }
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** An issue that tells the limit too. */
function tooBig(origin: 'string' | 'array', maximum: number, message: string) {
  return { code: 'too_big', origin, maximum, inclusive: true, message, input: undefined } as const;
}

/** How a whole number is described; as a string it must be digits. */
const wholeNumberSchema: { type: ('integer' | 'string' | 'null')[]; minimum: number; pattern: string } = {
  type: ['integer', 'string', 'null'],
  minimum: 0,
  pattern: '^\\d+$',
};

/** A count that 0 and null leave open, as "all" or "no limit of mine". */
export const countOption = wholeNumber(Number.MAX_VALUE, 'must be a whole number, 0 or more').openapi(
  wholeNumberSchema,
);

/** The value of a {@link countOption}; undefined when it is left open. */
export function countOf(value: number | null | undefined): number | undefined {
  if (value === null || value === undefined || value === 0) return undefined;
  // beyond this a number is no longer itself, and no text has so many tokens
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** How long the answer is. APIs differ in the name, and people mix them up, so that both are taken. */
export const limitOptions = {
  top_n: countOption.openapi({ description: 'How many results to return, best first; 0 or null: all.' }),
  top_k: countOption.openapi({ description: 'Another name of `top_n`, which counts when both are given.' }),
};

/** The value of {@link limitOptions}; undefined for all. */
export function limitOf({ top_n: topN, top_k: topK }: z.infer<z.ZodObject<typeof limitOptions>>): number | undefined {
  return countOf(topN) ?? countOf(topK);
}

/** Whether texts come back. */
export const returnTextsOption = flagOption.openapi({
  description: 'Return with each result the text that was ranked.',
});

/** Whether scores are logits. */
export const rawScoresOption = flagOption.openapi({
  description: 'Return logits, whose sigmoids are the scores.',
});

/** The same with vLLM's names for the contrary. */
export const activationOptions = {
  raw_scores: rawScoresOption,
  use_activation: flagOption.openapi({ description: 'false: logits, unless `raw_scores` says otherwise (vLLM).' }),
  activation: flagOption.openapi({
    description: 'Older name of `use_activation`, which counts when both are given.',
  }),
};

/** The value of {@link activationOptions}. */
export function wantsRawScores(options: z.infer<z.ZodObject<typeof activationOptions>>): boolean {
  return flagOf(options.raw_scores) ?? flagOf(options.use_activation ?? options.activation) === false;
}

/** Order among waiting requests. */
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

/** What the elements of a list may be. */
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
export const documentElement: ElementRule<Content> = {
  matches: (element): element is Content => typeof element === 'string' || isJsonObject(element) || isPartList(element),
  expected: 'must be a string or an object',
  openapi: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }, partListSchema] },
};

/** One element where no list is, such as the query. */
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
export const queryField = elementField(textElement, 'What the documents are ranked for.');

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

/** Texts of which objects may be ranked by members of their own. */
export const documentsByFields = listOf(
  documentElement,
  'The texts to rank. An object counts as the values of its `rank_fields`, else its `text`, else its JSON.',
);

/** Each is looked up in each document. */
const maxRankFields = 100;

/** Which members those are: few and short, which is seen before the first is looked at. */
export const rankFieldsOption = z
  .custom<readonly string[]>()
  .superRefine((value: unknown, context) => {
    const wrongType = (expected: 'array' | 'string', message: string, path: number[] = []) =>
      context.addIssue({ code: 'invalid_type', expected, path, message, input: value });
    if (!Array.isArray(value)) return wrongType('array', 'must be a list');
    if (value.length > maxRankFields) {
      const message = `holds ${value.length} names; at most ${maxRankFields} are allowed`;
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
      'Members of object documents to rank by, joined by line breaks in this order; one that is named twice counts once.',
  });
