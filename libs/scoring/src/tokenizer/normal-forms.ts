import { unknownToNormalisation, whiteSpace } from './characters';

const knownRuns = new RegExp(`[^${unknownToNormalisation}]+`, 'gv');

/** A Unicode normal form as the reference has it: characters that it does not know stay, and part those beside them. */
export function normalised(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  return text.replace(knownRuns, (run) => run.normalize(form));
}

const capitals = /\p{Changes_When_Lowercased}/gu;

/** One by one: lower case of a whole text makes another letter of a sigma at a word's end. */
export function lowerCase(text: string): string {
  return text.replace(capitals, (character) => character.toLowerCase());
}

const isWhiteSpace = (character: string | undefined): boolean =>
  character !== undefined && whiteSpaceOnly.test(character);
const whiteSpaceOnly = new RegExp(`^${whiteSpace}$`, 'u');

/** The text without white space at its ends. By loops: `\s+$` takes time that grows with the square of a run inside. */
export function stripped(text: string, { left, right }: { left: boolean; right: boolean }): string {
  let start = 0;
  let end = text.length;
  if (left) while (isWhiteSpace(text[start])) start++;
  if (right) while (end > start && isWhiteSpace(text[end - 1])) end--;
  return text.slice(start, end);
}
