import { isObject } from './tokenizer-json';

/** The normaliser of a BERT tokenizer.json. */
export interface BertNormalizerJson {
  type: 'BertNormalizer';
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  strip_accents?: boolean | null;
  lowercase?: boolean;
}

export function isBertNormalizer(json: unknown): json is BertNormalizerJson & Record<string, unknown> {
  return isObject(json) && json['type'] === 'BertNormalizer';
}

/** What BERT drops: the replacement character, and controls, formats and private use but white space. */
const dropped = /(?![\t\n\r])[\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
/** Blocks of ideographs that BERT reads one by one, those beyond U+FFFF included, which the library overlooks. */
const ideographs =
  /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** One by one: lower case of a whole text makes another letter of a sigma at a word's end. */
const capitals = /\p{Changes_When_Lowercased}/gu;

/** BERT's normaliser (Devlin et al. 2018, `BasicTokenizer`), as the Rust library has it. */
export function createBertNormalizer(json: BertNormalizerJson): { normalize(text: string): string } {
  const { clean_text: cleans = true, handle_chinese_chars: splitsIdeographs = true, lowercase = true } = json;
  const stripsAccents = json.strip_accents ?? lowercase;
  return {
    normalize(text) {
      let normal = text;
      if (cleans) normal = normal.replace(dropped, '').replace(/\s/gu, ' ');
      if (splitsIdeographs) normal = normal.replace(ideographs, ' $& ');
      if (stripsAccents) normal = normal.normalize('NFD').replace(/\p{Mn}/gu, '');
      return lowercase ? normal.replace(capitals, (character) => character.toLowerCase()) : normal;
    },
  };
}
