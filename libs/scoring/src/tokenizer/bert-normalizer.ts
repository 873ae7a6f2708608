import { droppedByBert, matchAll, nonspacingMark, whiteSpace } from './characters';
import { lowerCase, normalised } from './normal-forms';

export interface BertNormalizerOptions {
  clean_text: boolean;
  handle_chinese_chars: boolean;
  /** Default: the value of `lowercase`. */
  strip_accents?: boolean | null | undefined;
  lowercase: boolean;
}

const dropped = matchAll(droppedByBert);
const anySpace = matchAll(whiteSpace);
const accents = matchAll(nonspacingMark);
/**
 * Ideographs that BERT splits into single words. The reference omits U+2B820 to U+2B91F by mistake, and so does this.
 */
const ideographs =
  /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** BERT's normaliser (Devlin et al. 2018, `BasicTokenizer`), with the results of the reference. */
export function createBertNormalizer(options: BertNormalizerOptions): (text: string) => string {
  const { clean_text: cleans, handle_chinese_chars: splitsIdeographs, lowercase } = options;
  const stripsAccents = options.strip_accents ?? lowercase;
  return (text) => {
    let normal = text;
    if (cleans) normal = normal.replace(dropped, '').replace(anySpace, ' ');
    if (splitsIdeographs) normal = normal.replace(ideographs, ' $& ');
    if (stripsAccents) normal = normalised(normal, 'NFD').replace(accents, '');
    return lowercase ? lowerCase(normal) : normal;
  };
}
