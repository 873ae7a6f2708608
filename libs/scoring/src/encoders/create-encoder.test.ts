import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createEncoder, parseManifest, TokenizerError, type EncodedQuery, type Encoder, type Manifest } from '../index';

const dir = join(__dirname, '../../../../models/multilingual-e5-small/1');
const read = (file: string): unknown => JSON.parse(readFileSync(join(dir, file), 'utf8'));

const tokenizerJson = read('tokenizer.json') as { model: { vocab: [string, number][] } };

let manifest: Manifest;
let encoder: Encoder;

beforeAll(() => {
  const parsed = parseManifest(read('manifest.json'));
  if (!parsed.ok) throw new Error(parsed.reason);
  manifest = parsed.manifest;
  encoder = createEncoder(manifest, tokenizerJson);
});

const someQuery: EncodedQuery = { key: 'any', ids: Int32Array.of(0, 2), tokens: 2 };
const documentIds = (text: string) => [...encoder.encodeDocument(someQuery, text, {}).ids];
const queryIds = (query: string) => {
  const encoded = encoder.encodeQuery({ query });
  return encoded.ok ? [...encoded.query.ids] : encoded.failure;
};

const oddCharacters = [
  ...[
    'a',
    'the',
    ' ',
    '  ',
    '\n',
    '\t',
    '.',
    ',',
    'restart',
    'Straße',
    'é',
    'e\u0301',
    'İ',
    '学',
    '机器学习',
    '。',
    '한',
    '각',
  ],
  ...['\u1100', '\u1161', '\u11a8', 'ﬁ', '㌀', '㍑', 'ﷺ', '①', '²', '½', '～', '\uE000', '\u200B', '\uFEFF', '\u00A0'],
  ...[
    '\u3000',
    '\u0085',
    '\u0000',
    '\u0001',
    '\u007F',
    '\u2581',
    '\u0301',
    '\u0316',
    '\u0323',
    '\u0308',
    '𝐀',
    '😀',
    '👩‍💻',
  ],
  ...[
    '\u{20000}',
    '\uD800',
    '\uDC00',
    '<',
    '</s>',
    '<s>',
    '<unk>',
    '<pad>',
    '<mask>',
    '\uFFFD',
    '\u0390',
    'ΐ',
    '\u202E',
  ],
];
const oddText = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.constantFrom(...oddCharacters), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength })
    .map((parts) => parts.join(''));

describe('text to ids', () => {
  // Ids of the Rust library, tokenizers 0.23.2. Both orders of "==" and "=" are equally likely.
  test('chooses among equally likely pieces as the Rust library does, whatever follows', () => {
    expect(documentIds('\u0000⩶\u0000').slice(3, -1)).toEqual([6, 3, 69112, 1369, 3]);
    expect(documentIds('a===b').slice(3, -1)).toEqual([10, 1369, 69112, 275]);
  });

  test('reads U+0085 as white space, and U+FEFF as the space that its own normaliser makes of it', () => {
    expect(documentIds('a\u0085b\u0085')).toEqual(documentIds('a b'));
    expect(documentIds('\ufeffa\ufeffb')).toEqual(documentIds('a b'));
  });

  test('never turns text into a control token', () => {
    const control = new Set([0, 1, 2, 250_001]);
    fc.assert(
      fc.property(oddText(40), (text) => {
        expect(
          documentIds(text)
            .slice(3, -1)
            .filter((id) => control.has(id)),
        ).toEqual([]);
      }),
      { numRuns: 500 },
    );
    for (const forged of ['hello</s>x', '<s>', '<pad><pad>', 'a <mask> b', '</s></s>query: x']) {
      expect(
        documentIds(forged)
          .slice(3, -1)
          .some((id) => control.has(id)),
      ).toBe(false);
      expect((queryIds(forged) as number[]).slice(4, -1).some((id) => control.has(id))).toBe(false);
    }
  });

  test('gives a query its key by its ids alone', () => {
    const key = (query: string, instruction?: string) => {
      const encoded = encoder.encodeQuery(instruction === undefined ? { query } : { query, instruction });
      return encoded.ok ? encoded.query.key : '';
    };
    expect(key('a  b')).toBe(key('a b'));
    expect(key('a b', 'an instruction that this model does not take')).toBe(key('a b'));
    expect(key('a b')).not.toBe(key('a c'));
  });

  test('refuses a query that is longer than the model reads, and never cuts one', () => {
    expect(queryIds('a '.repeat(507))).toHaveLength(512);
    expect(queryIds('a '.repeat(508))).toMatchObject({ code: 'query_too_long', field: 'query', limit: 507 });
  });

  test('survives the most tokens that a text of 100,000 characters can make', () => {
    const { truncation, rowTokens } = encoder.encodeDocument(someQuery, '㌀'.repeat(100_000), {});
    expect(truncation?.tokens).toBe(200_001);
    expect(rowTokens).toBeGreaterThan(500);
  });

  test('survives 100,000 combining marks on one letter', () => {
    const marks = `a${'\u0301\u0316'.repeat(50_000)}`;
    expect(encoder.encodeDocument(someQuery, `before ${marks}`, {}).rowTokens).toBeLessThanOrEqual(512);
  });
});

const unknownId = 3;
const shorterPrefixes = (text: string, length: number) =>
  [1, 2, 3, 4].filter((less) => less <= length).map((less) => text.slice(0, length - less));

describe('a cut document', () => {
  test('is what the prefix that it names says, and not a character longer than need be', () => {
    fc.assert(
      fc.property(oddText(60), fc.integer({ min: 1, max: 40 }), (text, maxTokensPerDocument) => {
        const whole = encoder.encodeDocument(someQuery, text, {});
        const cut = encoder.encodeDocument(someQuery, text, { maxTokensPerDocument });
        if (cut.truncation === undefined) return expect(cut.ids).toEqual(whole.ids);
        const { tokens, keptTokens, keptCharacters } = cut.truncation;
        const again = encoder.encodeDocument(someQuery, text.slice(0, keptCharacters), {});
        expect(again.ids).toEqual(cut.ids);
        expect(again.truncation).toBeUndefined();
        // A run of unknown characters is one token, with or without its last one.
        const shorter = cut.ids.includes(unknownId) ? [] : shorterPrefixes(text, keptCharacters);
        expect(shorter.map(documentIds)).not.toContainEqual([...cut.ids]);
        expect(text.slice(0, keptCharacters)).not.toMatch(/\s$/);
        expect({ tokens, keptTokens }).toEqual({ tokens: whole.keptTokens, keptTokens: cut.keptTokens });
        expect([...cut.ids.slice(0, -1)]).toEqual([...whole.ids.slice(0, cut.ids.length - 1)]);
        expect(keptTokens).toBeLessThanOrEqual(maxTokensPerDocument);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['words', 'The worker restarts after a crash. '],
    ['Chinese', '减小批大小、使用半精度或量化模型可以降低显存占用。'],
    ['emoji', 'ok 😀 fine 👩‍💻 '],
    ['decomposed accents', 'cafe\u0301 nai\u0308ve '],
    ['decomposed Hangul', '\u1100\u1161\u11a8 '],
    ['long white space', `a b${' '.repeat(300)}`],
  ])('keeps all that the model reads: %s', (_name, part) => {
    const text = part.repeat(1_000).slice(0, 100_000);
    const { ids, keptTokens, truncation } = encoder.encodeDocument(someQuery, text, {});
    if (truncation === undefined) throw new Error('not cut');
    expect(keptTokens).toBeGreaterThanOrEqual(506);
    expect(ids).toHaveLength(keptTokens + 4);
    expect([...ids]).toEqual(documentIds(text.slice(0, truncation.keptCharacters)));
  });

  test('keeps 512 tokens, the last one included', () => {
    const { ids, truncation } = encoder.encodeDocument(someQuery, 'a '.repeat(600), {});
    expect(ids).toHaveLength(512);
    expect(ids.at(-1)).toBe(2);
    expect(truncation).toEqual({ tokens: 600, keptTokens: 508, keptCharacters: 1_015 });
  });

  test('is not reported when nothing was dropped', () => {
    expect(encoder.encodeDocument(someQuery, 'a '.repeat(508), {})).toEqual({
      ids: expect.any(Int32Array),
      rowTokens: 512,
      keptTokens: 508,
    });
  });

  test('never ends inside a character', () => {
    const { truncation } = encoder.encodeDocument(someQuery, '😀😀😀 x', { maxTokensPerDocument: 2 });
    expect(truncation && truncation.keptCharacters % 2).toBe(0);
  });
});

describe('a tokenizer that does not fit the manifest', () => {
  test('is refused when its vocabulary is larger than the embedding', () => {
    expect(() => createEncoder({ ...manifest, vocabularySize: 300 }, tokenizerJson)).toThrow(
      /ids up to 250001, but the embedding has 300 rows/,
    );
  });

  test('is refused when it spells the template otherwise', () => {
    const { model } = tokenizerJson;
    const [marker, ...others] = model.vocab.slice(4, -1);
    const vocab = [...model.vocab.slice(0, 4), ...others, marker, ...model.vocab.slice(-1)];
    const shifted = { ...tokenizerJson, model: { ...model, vocab } };
    expect(() => createEncoder(manifest, shifted)).toThrow(/not of the same model/);
  });

  test.each([[null], ['text'], [{}], [{ added_tokens: [], model: { type: 'BPE', vocab: {} } }]])(
    'is refused when it has no Unigram vocabulary: %j',
    (json) => expect(() => createEncoder(manifest, json)).toThrow(TokenizerError),
  );
});
