import { letter, number, whiteSpace } from './characters';

/** `'s`, `'t`, ... in either case, as Oniguruma folds it: the long s counts as an s. */
const contraction = "'(?:[sS\\u017F]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const line = '\\r\\n';
const other = `[^${whiteSpace}${letter}${number}]`;
const endingSpace = `[${whiteSpace}]+(?![^${whiteSpace}])|[${whiteSpace}]+`;

/** The split of GPT-2 (Radford et al. 2019), which is part of ByteLevel. */
export const gpt2Split = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?[${letter}]+| ?[${number}]+| ?${other}+|${endingSpace}`,
  'gv',
);

/** The split of GPT-4 and similar models, which differ in the number of digits per word. */
const gpt4Split = (digits: string): RegExp =>
  new RegExp(
    `${contraction}|[^${line}${letter}${number}]?[${letter}]+|[${number}]${digits}| ?${other}+[${line}]*|` +
      `[${whiteSpace}]*[${line}]+|${endingSpace}`,
    'gv',
  );

const gpt4Source = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/**
 * The supported regular expressions of a tokenizer.json, by their source, with the JavaScript expression that matches
 * the same. No other is supported: engines differ, and an unchecked expression may take exponential time. Each of these
 * takes time linear in the text, and those that split match all of it.
 */
export const splitPatterns: ReadonlyMap<string, RegExp> = new Map([
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", gpt2Split],
  // Qwen2, Qwen3
  [gpt4Source(''), gpt4Split('')],
  // GPT-4 (cl100k), Llama 3
  [gpt4Source('{1,3}'), gpt4Split('{1,3}')],
]);

const replaceSources = [
  ' {2,}',
  // sentencepiece's nmt_nfkc in steps, as in multilingual-e5
  '[\\u0001-\\u0008\\u000B\\u000E-\\u001F\\u007F\\u008F\\u009F]',
  '[\\u0009\\u000A\\u000C\\u000D\\u1680\\u200B-\\u200F\\u2028\\u2029\\u2581\\uFEFF\\uFFFD]',
];

/** The supported expressions of `Replace`. They mean the same in both engines. */
export const replacePatterns: ReadonlyMap<string, RegExp> = new Map(
  replaceSources.map((source) => [source, new RegExp(source, 'g')]),
);
