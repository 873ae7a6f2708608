import { createBertNormalizer } from './bert-normalizer';
import { combiningMark, matchAll } from './characters';
import { lowerCase, normalised, stripped } from './normal-forms';
import type { NormalizerJson } from './parts';
import { createPrecompiledNormalizer } from './precompiled-normalizer';

/** A step from a text to its normal form. */
export type Normalize = (text: string) => string;

const marks = matchAll(combiningMark);

/** @throws TokenizerError if its table is damaged */
export function createNormalizer(json: NormalizerJson): Normalize {
  switch (json.type) {
    case 'Sequence': {
      const steps = json.normalizers.map(createNormalizer);
      return (text) => steps.reduce((normal, step) => step(normal), text);
    }
    case 'BertNormalizer':
      return createBertNormalizer(json);
    case 'Precompiled':
      return createPrecompiledNormalizer(json.precompiled_charsmap);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => normalised(text, json.type);
    case 'Lowercase':
      return lowerCase;
    case 'StripAccents':
      return (text) => text.replace(marks, '');
    case 'Strip':
      return (text) => stripped(text, { left: json.strip_left, right: json.strip_right });
    case 'Prepend':
      return (text) => (text === '' ? '' : json.prepend + text);
    case 'Replace': {
      const pattern = 'String' in json.pattern ? json.pattern.String : json.pattern.Regex;
      // a function, because `$&` in a replacement text would insert the match
      return (text) => text.replaceAll(pattern, () => json.content);
    }
    default:
      return json satisfies never;
  }
}
