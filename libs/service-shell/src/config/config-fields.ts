import { z } from 'zod';
import { logLevels } from '../logging/logger';
import { createSecret } from './secret';

/** Metadata of a field for error messages, the secrets rule and the generated reference page. */
export interface FieldMeta {
  /** The allowed values, as text that continues "allowed: ". */
  allowed: string;
  holds: 'secret' | 'number' | 'flag' | 'text';
}

/** The metadata of a field, for `.meta()`. */
export const field = (allowed: string, holds: FieldMeta['holds']): FieldMeta & Record<string, unknown> => ({
  allowed,
  holds,
});

/** A text that must not be shown, such as a key. Parses to a {@link Secret}. */
export function secret() {
  return z.string().transform(createSecret).meta(field('a secret text', 'secret'));
}

/** A comma-separated list of secrets. Spaces around each are removed. */
export function secretList() {
  return z
    .string()
    .transform((text) => splitList(text).map(createSecret))
    .meta(field('secret texts, separated by commas', 'secret'));
}

/** An integer within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return numberField({ min, max, allowed: `a whole number from ${min} to ${max}` });
}

/** A TCP port to listen on. 0 selects a free one. */
export function port() {
  return numberField({ min: 0, max: 65_535, allowed: 'a port from 1 to 65535, or 0 for any free one' });
}

/** A duration in whole milliseconds within bounds, both included. */
export function durationMs(minMs: number, maxMs: number) {
  return numberField({ min: minMs, max: maxMs, allowed: `whole milliseconds from ${minMs} to ${maxMs}` });
}

/** A boolean. */
export function booleanFlag() {
  return z
    .string()
    .transform((text, context) => {
      const word = text.trim().toLowerCase();
      if (['true', '1', 'yes', 'on'].includes(word)) return true;
      if (['false', '0', 'no', 'off'].includes(word)) return false;
      return refuse(context, 'is neither');
    })
    .meta(field('true or false (also 1 or 0, yes or no, on or off)', 'flag'));
}

/** One value of a closed set. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words).meta(field(`one of ${words.join(', ')}`, 'text'));
}

/** The minimum severity of logged lines. */
export function logLevel() {
  return oneOf(logLevels);
}

/** A comma-separated list of texts. Spaces around each and empty ones are removed. */
export function list() {
  return z.string().transform(splitList).meta(field('texts separated by commas', 'text'));
}

function numberField({ min, max, allowed }: { min: number; max: number; allowed: string }) {
  return z
    .string()
    .transform((text, context) => {
      if (!/^-?\d+$/.test(text.trim())) return refuse(context, 'is not a whole number');
      const value = Number(text);
      if (value < min) return refuse(context, 'is too small');
      return value > max ? refuse(context, 'is too large') : value;
    })
    .meta(field(allowed, 'number'));
}

/** Refuses a value in a transform. */
export function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
