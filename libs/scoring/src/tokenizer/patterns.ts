import { letter, number, whiteSpace } from './characters';

/** `'s`, `'t`, ... in either case as Oniguruma folds it, which takes the long s for one. */
const contraction = "'(?:[sS\\u017F]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const line = '\\r\\n';
const other = `[^${whiteSpace}${letter}${number}]`;
const endingSpace = `[${whiteSpace}]+(?![^${whiteSpace}])|[${whiteSpace}]+`;

/** The split of GPT-2 (Radford et al. 2019), which ByteLevel has built in. */
export const gpt2Split = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?[${letter}]+| ?[${number}]+| ?${other}+|${endingSpace}`,
  'gv',
);

/** That of GPT-4 and its kin, who differ in how many digits make a word. */
const gpt4Split = (digits: string): RegExp =>
  new RegExp(
    `${contraction}|[^${line}${letter}${number}]?[${letter}]+|[${number}]${digits}| ?${other}+[${line}]*|` +
      `[${whiteSpace}]*[${line}]+|${endingSpace}`,
    'gv',
  );

const gpt4Source = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/**
 * The regular expressions of a tokenizer.json that are run, by their source, as JavaScript has to write them to match the
 * same. No other is: engines differ, and one that nobody has looked at may take exponential time. Each of these takes
 * time that grows with the text, and those that split match all of it.
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
  // sentencepiece's nmt_nfkc in steps, as multilingual-e5 has it
  '[\\u0001-\\u0008\\u000B\\u000E-\\u001F\\u007F\\u008F\\u009F]',
  '[\\u0009\\u000A\\u000C\\u000D\\u1680\\u200B-\\u200F\\u2028\\u2029\\u2581\\uFEFF\\uFFFD]',
];

/** The same for `Replace`: all of them mean the same to both. */
export const replacePatterns: ReadonlyMap<string, RegExp> = new Map(
  replaceSources.map((source) => [source, new RegExp(source, 'g')]),
);
