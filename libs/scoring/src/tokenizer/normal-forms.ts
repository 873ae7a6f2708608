import { unknownToNormalisation, whiteSpace } from './characters';

const knownRuns = new RegExp(`[^${unknownToNormalisation}]+`, 'gv');

/** A Unicode normal form as in the reference. Characters that it does not know stay, and separate their neighbours. */
export function normalised(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  return text.replace(knownRuns, (run) => run.normalize(form));
}

const capitals = /\p{Changes_When_Lowercased}/gu;

/** Converts character by character: the lower case of a whole text has another sigma at the end of a word. */
export function lowerCase(text: string): string {
  return text.replace(capitals, (character) => character.toLowerCase());
}

const isWhiteSpace = (character: string | undefined): boolean =>
  character !== undefined && whiteSpaceOnly.test(character);
const whiteSpaceOnly = new RegExp(`^${whiteSpace}$`, 'u');

/** Removes white space at the ends. Uses loops, because `\s+$` takes time quadratic in the length of a run inside. */
export function stripped(text: string, { left, right }: { left: boolean; right: boolean }): string {
  let start = 0;
  let end = text.length;
  if (left) while (isWhiteSpace(text[start])) start++;
  if (right) while (end > start && isWhiteSpace(text[end - 1])) end--;
  return text.slice(start, end);
}
