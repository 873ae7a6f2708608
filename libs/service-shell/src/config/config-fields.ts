import { z } from 'zod';
import { logLevels } from '../logging/logger';
import { createSecret } from './secret';

/** What a field tells error messages, the secrets rule and the generated reference page about itself. */
export interface FieldMeta {
  /** The values it takes, in words that continue "allowed: ". */
  allowed: string;
  holds: 'secret' | 'number' | 'flag' | 'text';
}

const field = (allowed: string, holds: FieldMeta['holds']): FieldMeta & Record<string, unknown> => ({ allowed, holds });

/** A text that must not be shown, such as a key. Parses to a {@link Secret}. */
export function secret() {
  return z.string().transform(createSecret).meta(field('a text that is kept secret', 'secret'));
}

/** Several secrets, separated by commas; spaces around each are dropped. */
export function secretList() {
  return z
    .string()
    .transform((text) => splitList(text).map(createSecret))
    .meta(field('texts that are kept secret, separated by commas', 'secret'));
}

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return numberField({ min, max, allowed: `a whole number from ${min} to ${max}` });
}

/** A TCP port to listen on; 0 takes any free one. */
export function port() {
  return numberField({ min: 0, max: 65_535, allowed: 'a port from 1 to 65535, or 0 for any free one' });
}

/** A length of time in whole milliseconds within bounds, both included. */
export function durationMs(minMs: number, maxMs: number) {
  return numberField({ min: minMs, max: maxMs, allowed: `whole milliseconds from ${minMs} to ${maxMs}` });
}

/** A switch. */
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

/** One of a closed set of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words).meta(field(`one of ${words.join(', ')}`, 'text'));
}

/** How much to log. */
export function logLevel() {
  return oneOf(logLevels);
}

/** Several texts, separated by commas; spaces around each and empty ones are dropped. */
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

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
