import { createByteLevelVocabulary } from './byte-level';
import { createNormalizer } from './normalizers';
import type { PostProcessorJson, TokenizerJson } from './parts';
import { createPreTokenizer } from './pre-tokenizers';
import { readTokenizerJson, TokenizerError } from './tokenizer-json';
import { createUnigramVocabulary } from './unigram';
import type { Vocabulary } from './vocabulary';
import { createWordPieceVocabulary } from './word-piece';

/** A tokenizer for text of users: no string makes it produce a control token. */
export interface PlainTokenizer extends Pick<Vocabulary, 'kind' | 'pieces'> {
  /** The normalised words. No piece spans two of them. */
  words(text: string): string[];
  /** The ids of a whole text. */
  ids(text: string): number[];
  /** The id of one token, also of a control token; undefined if there is none. */
  idOf(token: string): number | undefined;
  /** Ids are smaller than this. */
  vocabularySize: number;
  /** The step that adds control tokens to texts. */
  postProcessor: PostProcessorJson | undefined;
  /** Longest row that the file itself allows. */
  maxLengthTokens: number;
}

/**
 * Creates the tokenizer of a tokenizer.json. It gives every text the same ids as the reference (Python's `tokenizers`,
 * with control tokens read as text).
 * @throws TokenizerError that names a part which is not supported exactly.
 */
export function createPlainTokenizer(tokenizerJson: unknown): PlainTokenizer {
  const json = readTokenizerJson(tokenizerJson);
  const { kind, pieces, idsByToken } = vocabularyOf(json);
  const controlIds = new Map(json.added_tokens.map(({ content, id }) => [content, id]));
  checkNumbers(json, idsByToken);
  const words = wordsOf(json);
  return {
    kind,
    words,
    pieces,
    ids: (text) => words(text).flatMap((word) => pieces(word).map((piece) => piece.id)),
    idOf: (token) => controlIds.get(token) ?? idsByToken.get(token),
    vocabularySize: highestOf(idsByToken.values(), controlIds.values()) + 1,
    postProcessor: json.post_processor ?? undefined,
    maxLengthTokens: json.truncation?.max_length ?? Infinity,
  };
}

function vocabularyOf({ model, added_tokens: addedTokens }: TokenizerJson): Vocabulary {
  const controlTokens = new Set(addedTokens.map(({ content }) => content));
  switch (model.type) {
    case 'Unigram':
      return createUnigramVocabulary(model, controlTokens);
    case 'WordPiece':
      return createWordPieceVocabulary(model, controlTokens);
    case 'BPE':
      return createByteLevelVocabulary(model, controlTokens);
    default:
      return model satisfies never;
  }
}

function wordsOf(json: TokenizerJson): (text: string) => string[] {
  const normalize = json.normalizer ? createNormalizer(json.normalizer) : (text: string) => text;
  const split = json.pre_tokenizer ? createPreTokenizer(json.pre_tokenizer) : (normal: string) => [normal];
  return (text) => {
    // half of a surrogate pair is not a character; in UTF-8 it becomes the replacement character
    const normal = normalize(withShortMarkRuns(text.replace(/\p{Surrogate}/gu, '\uFFFD')));
    return normal === '' ? [] : split(normal);
  };
}

/**
 * Inserts a joiner after each 4,096 combining marks. Ordering them takes time quadratic in their number: 2 s for
 * 100,000 on one letter. Real text never has so many.
 */
function withShortMarkRuns(text: string): string {
  return text.replace(/\p{M}{4096}/gu, '$&\u034F');
}

/**
 * The reference numbers added tokens that the vocabulary lacks by itself and ignores their `id`.
 * @throws TokenizerError if an added token has another id there
 */
function checkNumbers(json: TokenizerJson, idsByToken: ReadonlyMap<string, number>): void {
  const { model, added_tokens: addedTokens } = json;
  let next = model.type === 'Unigram' ? model.vocab.length : idsByToken.size;
  for (const { content, id } of addedTokens) {
    const wanted = idsByToken.get(content) ?? next++;
    if (id === wanted) continue;
    const name = JSON.stringify(content.slice(0, 60));
    throw new TokenizerError(`its added_tokens have ${name} as ${id}, which by its vocabulary is ${wanted}`);
  }
}

/** A loop, because a vocabulary has too many ids for the arguments of one call. */
function highestOf(...idLists: Iterable<number>[]): number {
  let highest = -1;
  for (const ids of idLists) for (const id of ids) highest = Math.max(highest, id);
  return highest;
}
