import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFixtureTokenizer, readPartCases, readQwen3Tokenizer } from '../testing/fixtures';
import { createPlainTokenizer } from './plain-tokenizer';

const { texts, parts, models, characters } = readPartCases();

type Json = Record<string, unknown>;

const shipped = join(__dirname, '../../../../models/multilingual-e5-small/1/tokenizer.json');
const bases: Record<string, Json> = {
  'tiny-bert': readFixtureTokenizer('tiny-bert', '1').json as Json,
  'tiny-xlmr': readFixtureTokenizer('tiny-xlmr', '1').json as Json,
  'tiny-qwen3': readFixtureTokenizer('tiny-qwen3', 'plain').json as Json,
  qwen3: readQwen3Tokenizer().json as Json,
  'multilingual-e5-small': JSON.parse(readFileSync(shipped, 'utf8')) as Json,
};

/** A tokenizer with one part, whose ids tell words apart. */
function wordTokenizer(part: Json, vocab: Record<string, number>) {
  const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' };
  return createPlainTokenizer({
    added_tokens: [],
    ...part,
    model: { ...model, max_input_chars_per_word: 1_000, vocab },
  });
}

const words = Object.fromEntries(parts.words.map((word, id) => [word, id]));

const named = (json: object | null) => JSON.stringify(json)?.replace(/("precompiled_charsmap":").*?"/g, '$1..."');

/** The texts that have other ids, with both. */
const differences = (ids: (text: string) => number[], wanted: readonly number[][]) =>
  texts.flatMap((text, index) => {
    const [ours, theirs] = [ids(text).join(), wanted[index]?.join()];
    return ours === theirs ? [] : [{ text, ours, theirs }];
  });

describe('every part on the list gives the ids of the reference', () => {
  test.each(parts.cases.map(({ ids, ...part }) => [named(part.normalizer ?? part.pre_tokenizer), part, ids] as const))(
    '%s',
    (_name, part, ids) => expect(differences(wordTokenizer(part, words).ids, ids)).toEqual([]),
  );

  test.each(models.map((one) => [`${one.base} with ${named(one.change)}`, one] as const))('%s', (_name, one) => {
    const { model, ...change } = one.change;
    const base = bases[one.base];
    const json = { ...base, ...change, model: { ...(base?.['model'] as Json), ...model } };
    expect(differences(createPlainTokenizer(json).ids, one.ids)).toEqual([]);
  });
});

// one that takes time with the square of a text, or worse, would hold this test for minutes
test.each(['NFKD', 'Lowercase', 'Strip', 'BertNormalizer', 'Precompiled', 'Replace'])(
  '%s takes 100,000 of anything',
  (type) => readLong(parts.cases.filter(({ normalizer }) => typeOf(normalizer) === type).slice(-2)),
);
test.each(['Split', 'ByteLevel', 'Metaspace', 'Whitespace', 'BertPreTokenizer'])(
  '%s takes 100,000 of anything',
  (type) => readLong(parts.cases.filter(({ pre_tokenizer: one }) => typeOf(one) === type).slice(-5)),
);

const typeOf = (json: object | null) => (json as { type?: string } | null)?.type;

function readLong(cases: Json[]): void {
  expect(cases).not.toEqual([]);
  const units = [' ', 'a', 'a ', ' \n', '\r\n', '\u0085', '\u0301', 'e\u0301', '7', "'s", 'A', '学', '\u1100', '👩‍💻'];
  for (const { normalizer, pre_tokenizer } of cases) {
    const { words } = wordTokenizer({ normalizer, pre_tokenizer }, { '[UNK]': 0 });
    for (const unit of units) words(`b${unit.repeat(Math.ceil(100_000 / unit.length))}b`);
  }
}

test('half of a surrogate pair is the replacement character', () => {
  for (const json of [bases['tiny-bert'], bases['tiny-xlmr'], bases['tiny-qwen3']]) {
    const { ids } = createPlainTokenizer(json);
    expect(ids('a\ud800b \udc00 \ud83d')).toEqual(ids('a\ufffdb \ufffd \ufffd'));
  }
});

describe('every character is what it is to the reference', () => {
  const splitting = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit', 'Split'];
  const digest = (words: string[]) => createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 8);

  test.each(characters.cases.map(({ part, digests }) => [named(part), part, digests] as const))(
    '%s',
    (_name, part, digests) => {
      const isSplit = splitting.includes(part.type);
      const { words } = wordTokenizer({ [isSplit ? 'pre_tokenizer' : 'normalizer']: part }, { '[UNK]': 0 });
      const found = characters.starts.map((start) => {
        const codes = Array.from({ length: characters.block }, (_, index) => start + index);
        const block = codes.filter((code) => code < 0xd800 || code >= 0xe000).map((code) => String.fromCodePoint(code));
        return digest(words(isSplit ? block.map((one) => `a${one}1 `).join('') : block.join('|')));
      });
      const strange = found.map((one, index) => (one === digests[index] ? undefined : characters.starts[index]));
      expect(strange.filter((start) => start !== undefined)).toEqual([]);
    },
  );
});
