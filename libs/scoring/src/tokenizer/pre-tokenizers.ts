import { byteText } from './bytes';
import { matchAll, punctuation, whiteSpace, wordCharacter } from './characters';
import type { PreTokenizerJson } from './parts';
import { gpt2Split } from './patterns';

/** Splits a piece of normal text into smaller ones, none of them empty. */
export type Split = (piece: string) => string[];

const notSpace = matchAll(`^${whiteSpace}`, '+');
const bertWords = new RegExp(`[^${whiteSpace}${punctuation}]+|[${punctuation}]`, 'gv');
const words = new RegExp(`[${wordCharacter}]+|[^${wordCharacter}${whiteSpace}]+`, 'gv');

export function createPreTokenizer(json: PreTokenizerJson): Split {
  switch (json.type) {
    case 'Sequence': {
      const steps = json.pretokenizers.map(createPreTokenizer);
      return (piece) => steps.reduce((pieces, step) => pieces.flatMap(step), [piece]);
    }
    case 'WhitespaceSplit':
      return (piece) => piece.match(notSpace) ?? [];
    case 'Whitespace':
      return (piece) => piece.match(words) ?? [];
    case 'BertPreTokenizer':
      return (piece) => piece.match(bertWords) ?? [];
    case 'Split':
      return (piece) => piece.match(json.pattern.Regex) ?? [];
    case 'ByteLevel':
      return byteLevel(json);
    case 'Metaspace':
      return metaspace(json);
    default:
      return json satisfies never;
  }
}

function byteLevel(json: Extract<PreTokenizerJson, { type: 'ByteLevel' }>): Split {
  const { add_prefix_space: leads, use_regex: splits = true } = json;
  return (piece) => {
    const led = leads && !piece.startsWith(' ') ? ` ${piece}` : piece;
    return (splits ? (led.match(gpt2Split) ?? []) : [led]).map(byteText);
  };
}

/**
 * Replaces spaces by a marker before each word (Kudo and Richardson 2018). It is the first step, so `first` is
 * `always`.
 */
function metaspace(json: Extract<PreTokenizerJson, { type: 'Metaspace' }>): Split {
  const { replacement: marker, add_prefix_space: adds, split: splits } = json;
  const leads = (json.prepend_scheme ?? (adds === false ? 'never' : 'always')) !== 'never';
  return (piece) => {
    const marked = piece.replaceAll(' ', () => marker);
    const led = leads && !marked.startsWith(marker) ? marker + marked : marked;
    if (splits === false) return [led];
    const [start = '', ...others] = led.split(marker);
    return [start, ...others.map((other) => marker + other)].filter((word) => word !== '');
  };
}
