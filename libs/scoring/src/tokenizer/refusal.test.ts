import { openFixtureEncoder, readFixtureManifest, readFixtureTokenizer } from '../testing/fixtures';
import { createEncoder } from '../encoders/create-encoder';
import { createPlainTokenizer } from './plain-tokenizer';
import { TokenizerError } from './tokenizer-json';

type Json = Record<string, unknown>;

const versions = { 'tiny-bert': '1', 'tiny-xlmr': '1', 'tiny-qwen3': 'plain' } as const;
type Base = keyof typeof versions;

const read = (base: Base): Json => readFixtureTokenizer(base, versions[base]).json as Json;

/** A good tokenizer.json with one change: members, and members of its model. */
function changed(base: Base, { model, ...change }: Json): Json {
  const json = read(base);
  return { ...json, ...change, model: { ...(json['model'] as Json), ...(model as Json) } };
}

/** Why it is refused, which has to be one line. */
function refusalOf(json: unknown): string {
  try {
    createPlainTokenizer(json);
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error;
    expect(error.message).toMatch(/^.+$/);
    return error.message;
  }
  throw new Error('that should have been refused');
}

const notExactly = 'which this version does not support exactly';
const noPart = 'is not a part that this version supports exactly';

const bert = {
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
};
const strip = { type: 'Strip', strip_left: true, strip_right: true };
const replace = { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' };

describe('a normalizer is refused by name', () => {
  test.each<[Json, string]>([
    [{ type: 'Nmt' }, `its normalizer Nmt ${noPart}`],
    [{ type: 'ByteLevel' }, `its normalizer ByteLevel ${noPart}`],
    [{ type: 'nfc' }, `its normalizer nfc ${noPart}`],
    [{ type: 7 }, `its normalizer 7 ${noPart}`],
    [{}, `it lacks normalizer.type`],
    [{ type: 'NFC', form: 'NFD' }, `its normalizer NFC has form "NFD", ${notExactly}`],
    [{ ...bert, clean_text: undefined }, 'its normalizer BertNormalizer lacks clean_text'],
    [{ ...bert, strip_accents: 'no' }, `its normalizer BertNormalizer has strip_accents "no", ${notExactly}`],
    [{ ...bert, lowercase: null }, `its normalizer BertNormalizer has lowercase null, ${notExactly}`],
    [{ ...bert, keep_case: true }, `its normalizer BertNormalizer has keep_case true, ${notExactly}`],
    [{ ...strip, strip_left: undefined }, 'its normalizer Strip lacks strip_left'],
    [{ type: 'Prepend' }, 'its normalizer Prepend lacks prepend'],
    [
      { type: 'Precompiled', precompiled_charsmap: null },
      `its normalizer Precompiled has precompiled_charsmap null, ${notExactly}`,
    ],
    [{ type: 'Precompiled', precompiled_charsmap: 'AAAA' }, 'its character map is damaged'],
    [
      { ...replace, pattern: { Regex: '\\s+' } },
      `its normalizer Replace has pattern {"Regex":"\\\\s+"}, ${notExactly}`,
    ],
    [
      { ...replace, pattern: { Regex: '(?:b+)+c' } },
      `its normalizer Replace has pattern {"Regex":"(?:b+)+c"}, ${notExactly}`,
    ],
    [{ ...replace, pattern: { String: '' } }, `its normalizer Replace has pattern.String "", ${notExactly}`],
    [{ ...replace, pattern: ' ' }, `its normalizer Replace has pattern " ", ${notExactly}`],
    [{ ...replace, content: undefined }, 'its normalizer Replace lacks content'],
    [
      { type: 'Sequence', normalizers: [strip, { type: 'Sequence', normalizers: [{ type: 'Nmt' }] }] },
      `its normalizer.normalizers.1.normalizers.0 Nmt ${noPart}`,
    ],
    [
      { type: 'Sequence', normalizers: [{ ...strip, strip_left: 1 }] },
      `its normalizer.normalizers.0 Strip has strip_left 1, ${notExactly}`,
    ],
  ])('%j', (normalizer, message) => expect(refusalOf(changed('tiny-bert', { normalizer }))).toBe(message));
});

const split = (read('tiny-qwen3')['pre_tokenizer'] as { pretokenizers: [Json, Json] }).pretokenizers[0];
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

describe('a pre_tokenizer is refused by name', () => {
  test.each<[Json, string]>([
    ...['Digits', 'Punctuation', 'CharDelimiterSplit', 'Delimiter', 'UnicodeScripts', 'FixedLength', 'Replace'].map(
      (type): [Json, string] => [{ type, individual_digits: true }, `its pre_tokenizer ${type} ${noPart}`],
    ),
    [
      { ...split, pattern: { Regex: '(?:b+)+c' } },
      `its pre_tokenizer Split has pattern.Regex "(?:b+)+c", ${notExactly}`,
    ],
    [{ ...split, pattern: { Regex: '(a|a)*$' } }, `its pre_tokenizer Split has pattern.Regex "(a|a)*$", ${notExactly}`],
    [{ ...split, pattern: { Regex: ' ' } }, `its pre_tokenizer Split has pattern.Regex " ", ${notExactly}`],
    [{ ...split, pattern: { String: ' ' } }, 'its pre_tokenizer Split lacks pattern.Regex'],
    ...['MergedWithPrevious', 'MergedWithNext', 'Contiguous'].map((behavior): [Json, string] => [
      { ...split, behavior },
      `its pre_tokenizer Split has behavior "${behavior}", ${notExactly}`,
    ]),
    [{ ...split, invert: true }, `its pre_tokenizer Split has invert true, ${notExactly}`],
    [{ ...split, behavior: 'Removed' }, `its pre_tokenizer Split has invert false, ${notExactly}`],
    [{ ...metaspace, prepend_scheme: 'last' }, `its pre_tokenizer Metaspace has prepend_scheme "last", ${notExactly}`],
    [{ ...metaspace, prepend_scheme: null }, `its pre_tokenizer Metaspace has prepend_scheme null, ${notExactly}`],
    [{ ...metaspace, replacement: '' }, `its pre_tokenizer Metaspace has replacement "", ${notExactly}`],
    [{ ...metaspace, replacement: '▁▁' }, `its pre_tokenizer Metaspace has replacement "▁▁", ${notExactly}`],
    [
      { ...metaspace, add_prefix_space: false },
      `its pre_tokenizer Metaspace has add_prefix_space false, ${notExactly}`,
    ],
    [{ ...metaspace, split: 'yes' }, `its pre_tokenizer Metaspace has split "yes", ${notExactly}`],
    [{ ...metaspace, keep: 1 }, `its pre_tokenizer Metaspace has keep 1, ${notExactly}`],
    [{ ...byteLevel, trim_offsets: undefined }, 'its pre_tokenizer ByteLevel lacks trim_offsets'],
    [{ ...byteLevel, use_regex: 'x' }, `its pre_tokenizer ByteLevel has use_regex "x", ${notExactly}`],
    [{ type: 'Whitespace', ascii: true }, `its pre_tokenizer Whitespace has ascii true, ${notExactly}`],
    [
      { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { ...metaspace, prepend_scheme: 'first' }] },
      `its pre_tokenizer Metaspace has prepend_scheme "first" after another split, ${notExactly}`,
    ],
    [
      { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Digits', individual_digits: true }] },
      `its pre_tokenizer.pretokenizers.1 Digits ${noPart}`,
    ],
  ])('%j', (pre_tokenizer, message) => expect(refusalOf(changed('tiny-xlmr', { pre_tokenizer }))).toBe(message));
});

const vocabOf = (base: Base) => (read(base)['model'] as { vocab: Record<string, number> }).vocab;
const { Ġ: _space, ...withoutSpace } = vocabOf('tiny-qwen3');

describe('a model is refused by name', () => {
  test.each<[Base, string, Json, string]>([
    ['tiny-bert', 'of another type', { type: 'WordLevel' }, `its model WordLevel ${noPart}`],
    ['tiny-bert', 'without a type', { type: undefined }, 'it lacks model.type'],
    [
      'tiny-bert',
      'whose unknown token is none',
      { unk_token: '[X]' },
      `its model WordPiece has unk_token "[X]", ${notExactly}`,
    ],
    [
      'tiny-bert',
      'without a prefix',
      { continuing_subword_prefix: undefined },
      'its model WordPiece lacks continuing_subword_prefix',
    ],
    [
      'tiny-bert',
      'with words of -1',
      { max_input_chars_per_word: -1 },
      `its model WordPiece has max_input_chars_per_word -1, ${notExactly}`,
    ],
    ['tiny-bert', 'with merges', { merges: [] }, `its model WordPiece has merges [], ${notExactly}`],
    [
      'tiny-bert',
      'with a vocabulary of pieces',
      { vocab: [] },
      'its model WordPiece has no vocab of tokens with their ids',
    ],
    [
      'tiny-bert',
      'with one id twice',
      { vocab: { '[UNK]': 1, a: 1 } },
      'its model WordPiece has one id for several tokens',
    ],
    [
      'tiny-bert',
      'with an id that is none',
      { vocab: { '[UNK]': 0, a: 1.5 } },
      'its model WordPiece has the token "a" with the id 1.5',
    ],
    [
      'tiny-xlmr',
      'that falls back to bytes',
      { byte_fallback: true },
      `its model Unigram has byte_fallback true, ${notExactly}`,
    ],
    ['tiny-xlmr', 'that knows no unknown', { unk_id: null }, `its model Unigram has unk_id null, ${notExactly}`],
    ['tiny-xlmr', 'whose unknown is none', { unk_id: 881 }, `its model Unigram has unk_id 881, ${notExactly}`],
    [
      'tiny-xlmr',
      'with a score that is no number',
      {
        vocab: [
          ['a', 0],
          ['b', NaN],
        ],
      },
      'its model Unigram has the piece "b" with the score NaN',
    ],
    [
      'tiny-xlmr',
      'with a piece without a score',
      { vocab: [['a']] },
      'its model Unigram has the piece "a" with the score undefined',
    ],
    [
      'tiny-xlmr',
      'with tokens and ids',
      { vocab: { a: 0 } },
      'its model Unigram has no vocab of pieces with their scores',
    ],
    ['tiny-xlmr', 'with a number for a piece', { vocab: [[1, 0]] }, 'its model Unigram has no piece with the id 0'],
    ['tiny-xlmr', 'that samples', { alpha: 0.1 }, `its model Unigram has alpha 0.1, ${notExactly}`],
    ['tiny-qwen3', 'that drops merges', { dropout: 0.1 }, `its model BPE has dropout 0.1, ${notExactly}`],
    [
      'tiny-qwen3',
      'that falls back to bytes',
      { byte_fallback: true },
      `its model BPE has byte_fallback true, ${notExactly}`,
    ],
    [
      'tiny-qwen3',
      'with a prefix',
      { continuing_subword_prefix: '##' },
      `its model BPE has continuing_subword_prefix "##", ${notExactly}`,
    ],
    [
      'tiny-qwen3',
      'with a suffix',
      { end_of_word_suffix: '</w>' },
      `its model BPE has end_of_word_suffix "</w>", ${notExactly}`,
    ],
    ['tiny-qwen3', 'with an odd flag', { ignore_merges: 1 }, `its model BPE has ignore_merges 1, ${notExactly}`],
    [
      'tiny-qwen3',
      'without a byte',
      { vocab: withoutSpace },
      'its model BPE has no token for the byte 32, so it is not over bytes',
    ],
    [
      'tiny-qwen3',
      'with strange merges',
      { merges: [['t', 'Ω']] },
      'its model BPE has merges of tokens that its vocab lacks',
    ],
    [
      'tiny-qwen3',
      'with merges to no token',
      { merges: ['! !'] },
      'its model BPE has merges of tokens that its vocab lacks',
    ],
    ['tiny-qwen3', 'with merges of three', { merges: ['a b c'] }, `its model BPE has merges ["a b c"], ${notExactly}`],
  ])('%s %s', (...[base, , model, message]) => expect(refusalOf(changed(base, { model }))).toBe(message));

  test.each<[string, Json | null]>([
    ['no pre_tokenizer', null],
    ['one that is not over bytes', { type: 'WhitespaceSplit' }],
    ['one that goes on after the bytes', { type: 'Sequence', pretokenizers: [byteLevel, metaspace] }],
  ])('BPE with %s', (_name, pre_tokenizer) => {
    expect(refusalOf(changed('tiny-qwen3', { pre_tokenizer }))).toBe(
      'its model BPE is not over bytes (no pre_tokenizer that ends with ByteLevel): this version does not support it exactly',
    );
  });
});

const token = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };

describe('an added token is refused by name', () => {
  const isText = (name: string) =>
    `its added_tokens have ${name}, which is text and not a control token: this version does not support it exactly`;
  test.each<[Json, string]>([
    [{ ...token, content: '  ', special: false }, isText('"  "')],
    [{ ...token, content: 'restart', special: false }, isText('"restart"')],
    [{ ...token, content: '[unused3]', special: false }, isText('"[unused3]"')],
    [{ ...token, content: '<h1>', special: false }, isText('"<h1>"')],
    [{ ...token, content: '|||IP_ADDRESS|||', special: false }, isText('"|||IP_ADDRESS|||"')],
    [{ ...token, content: '\n', special: true }, isText('"\\n"')],
    [{ ...token, content: 'restart', special: true }, isText('"restart"')],
    [{ ...token, content: '' }, `it has added_tokens.5.content "", ${notExactly}`],
    [{ ...token, content: '<x>', lstrip: undefined }, 'it lacks added_tokens.5.lstrip'],
    [{ ...token, content: '<x>', casefold: true }, `it has added_tokens.5.casefold true, ${notExactly}`],
    [{ ...token, content: '<x>', id: 1_801 }, 'its added_tokens have "<x>" as 1801, which by its vocabulary is 1800'],
    [{ ...token, content: 'the', id: 1, special: true }, isText('"the"')],
  ])('%j', (added, message) => {
    const added_tokens = [...(read('tiny-bert')['added_tokens'] as Json[]), { id: 1_800, ...added }];
    expect(refusalOf(changed('tiny-bert', { added_tokens }))).toBe(message);
  });
});

const truncation = { direction: 'Right', max_length: 20, strategy: 'LongestFirst', stride: 0 };
const padding = {
  strategy: 'BatchLongest',
  direction: 'Right',
  pad_to_multiple_of: null,
  pad_id: 0,
  pad_type_id: 0,
  pad_token: '[PAD]',
};

describe('what is around the parts is refused by name', () => {
  test.each<[Json, string]>([
    [{ version: '2.0' }, `it has version "2.0", ${notExactly}`],
    [{ dropout: 0.1 }, `it has dropout 0.1, ${notExactly}`],
    [{ truncation: { ...truncation, direction: 'Left' } }, `it has truncation.direction "Left", ${notExactly}`],
    [{ truncation: { ...truncation, strategy: 'OnlyFirst' } }, `it has truncation.strategy "OnlyFirst", ${notExactly}`],
    [{ truncation: { ...truncation, unit: 'word' } }, `it has truncation.unit "word", ${notExactly}`],
    [
      { padding: { ...padding, strategy: { Fixed: 16 }, direction: 'Left' } },
      `it has padding.direction "Left", ${notExactly}`,
    ],
    [{ padding: { ...padding, strategy: 'Longest' } }, `it has padding.strategy "Longest", ${notExactly}`],
    [{ post_processor: { type: 'Other' } }, `its post_processor Other ${noPart}`],
    [
      { post_processor: { type: 'BertProcessing', sep: ['[SEP]'], cls: ['[CLS]', 2] } },
      `its post_processor BertProcessing has sep ["[SEP]"], ${notExactly}`,
    ],
    [
      { post_processor: { type: 'TemplateProcessing', pair: [] } },
      'its post_processor TemplateProcessing lacks single',
    ],
    [
      { post_processor: { ...byteLevel, reverse: true } },
      `its post_processor ByteLevel has reverse true, ${notExactly}`,
    ],
    [{ model: null }, 'it does not describe a tokenizer'],
  ])('%j', (change, message) => expect(refusalOf({ ...read('tiny-bert'), ...change })).toBe(message));

  test.each([[null], ['text'], [[]], [{}], [{ model: [] }]])('%j', (json) =>
    expect(refusalOf(json)).toBe('it does not describe a tokenizer'),
  );
});

describe('what changes no id is taken', () => {
  const text = 'The  café, 学 of it';
  test.each<[Json]>([
    [{ padding }],
    [{ padding: { ...padding, strategy: { Fixed: 16 }, pad_to_multiple_of: 8 } }],
    [{ padding: { ...padding, direction: 'Left' } }],
    [{ truncation: { ...truncation, max_length: 512, strategy: 'OnlySecond', stride: 4 } }],
    [{ decoder: { type: 'Other' } }],
    [{ post_processor: null, version: undefined, decoder: undefined }],
  ])('%j', (change) => {
    const { ids } = createPlainTokenizer(read('tiny-bert'));
    expect(createPlainTokenizer({ ...read('tiny-bert'), ...change }).ids(text)).toEqual(ids(text));
  });

  test('a Metaspace from before there were schemes', () => {
    const idsWith = (options: Json) =>
      createPlainTokenizer(
        changed('tiny-xlmr', { pre_tokenizer: { type: 'Metaspace', replacement: '▁', ...options } }),
      ).ids(text);
    // Python's tokenizers 0.15 reads false as `never`; 0.23 does not read it
    expect(idsWith({ add_prefix_space: false })).toEqual(idsWith({ prepend_scheme: 'never' }));
    expect(idsWith({ add_prefix_space: true })).toEqual(idsWith({ prepend_scheme: 'always' }));
    expect(idsWith({ prepend_scheme: 'never' })).not.toEqual(idsWith({ prepend_scheme: 'always' }));
  });
});

test('rows are no longer than truncation.max_length says', () => {
  const manifest = readFixtureManifest('tiny-bert', '1');
  const short = createEncoder(manifest, { ...read('tiny-bert'), truncation });
  const twenty = openFixtureEncoder('tiny-bert', '1', 20);
  const query = twenty.encodeQuery({ query: 'a cat' });
  if (!query.ok) throw new Error(query.failure.message);
  const rowOf = (encoder: typeof short) => encoder.encodeDocument(query.query, 'the cat sat '.repeat(20), {});
  expect(rowOf(short)).toEqual(rowOf(twenty));
  expect(rowOf(short).rowTokens).toBe(20);
});

test('no text becomes a control token of any vocabulary', () => {
  const control = { ...token, content: '<s>', id: 1_000 };
  const vocab = { ...vocabOf('tiny-qwen3'), '<s': 1_001, '<s>': 1_000 };
  const merges = [
    ...((read('tiny-qwen3')['model'] as { merges: unknown[] }).merges as string[][]),
    ['<', 's'],
    ['<s', '>'],
  ];
  const whole = { ...byteLevel, use_regex: false };
  for (const ignore_merges of [true, false]) {
    const model = { vocab, merges, ignore_merges };
    const json = changed('tiny-qwen3', { added_tokens: [control], pre_tokenizer: whole, model });
    expect(createPlainTokenizer(json).ids('<s>')).not.toContain(1_000);
  }
  const bertWords = createPlainTokenizer(
    changed('tiny-bert', { pre_tokenizer: { type: 'WhitespaceSplit' }, normalizer: null }),
  );
  expect(bertWords.ids('[SEP] [CLS] x')).not.toContain(3);
});
