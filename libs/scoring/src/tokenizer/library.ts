import { Tokenizer } from '@huggingface/tokenizers';
import { createBertNormalizer, isBertNormalizer } from './bert-normalizer';
import { createPrecompiledNormalizer, isPrecompiled } from './precompiled-normalizer';
import { isObject, TokenizerError, type TokenizerJson } from './tokenizer-json';

/** The parts of the library's tokenizer that are used here; its own declarations do not resolve under `nodenext`. */
interface LibraryTokenizer<Model> {
  normalizer: Normalizer | null;
  pre_tokenizer: { pre_tokenize(text: string, options: { section_index: number }): string[] } | null;
  model: Model & { tokens_to_ids: Map<string, number> };
}

interface Normalizer {
  normalize(text: string): string;
}

/** The library's normaliser, split and vocabulary of a tokenizer.json, without its control tokens. */
export interface Library<Model> {
  model: LibraryTokenizer<Model>['model'];
  words(text: string): string[];
}

/** @throws TokenizerError when the library cannot run it */
export function openLibrary<Model>(json: TokenizerJson, config: Record<string, unknown>): Library<Model> {
  const library = new Tokenizer({ ...json, added_tokens: [] }, config) as unknown as LibraryTokenizer<Model>;
  const { pre_tokenizer: preTokenizer, model } = library;
  if (preTokenizer === null) throw new TokenizerError('it does not split text into words');
  const normalizer = exactNormalizer(json.normalizer, library.normalizer);
  return {
    model,
    words: (text) => {
      const safe = withShortMarkRuns(text);
      return preTokenizer.pre_tokenize(normalizer?.normalize(safe) ?? safe, { section_index: 0 });
    },
  };
}

/** Ours where the library's differs from the original, alone or in a sequence of its own. */
function exactNormalizer(json: unknown, ofLibrary: Normalizer | null): Normalizer | null {
  if (isBertNormalizer(json)) return createBertNormalizer(json);
  if (isPrecompiled(json)) return createPrecompiledNormalizer(json);
  const parts = isObject(json) && Array.isArray(json['normalizers']) ? json['normalizers'] : [];
  if (!parts.some((part) => isPrecompiled(part) || isBertNormalizer(part))) return ofLibrary;
  const ofParts = (ofLibrary as Normalizer & { normalizers: (Normalizer | null)[] }).normalizers;
  const steps = parts.map((part, index) => exactNormalizer(part, ofParts[index] ?? null));
  return { normalize: (text) => steps.reduce<string>((normal, step) => step?.normalize(normal) ?? normal, text) };
}

/**
 * Putting combining marks in order takes time that grows with the square of their number: 2 s for 100,000 on one
 * letter. A joiner after each 256 (Unicode's stream-safe format has 30) bounds it; no text that people write has so many.
 */
function withShortMarkRuns(text: string): string {
  return text.replace(/\p{M}{256}/gu, '$&\u034F');
}
