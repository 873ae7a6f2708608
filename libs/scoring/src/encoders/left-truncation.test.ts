import fc from 'fast-check';
import {
  openFixtureEncoder,
  readFixtureTokenizer,
  readLeftCases,
  type FixtureName,
  type LeftCase,
} from '../testing/fixtures';
import { createFakeEncoder } from '../testing/fake-encoder';
import { encodePairs, type DocumentOptions, type Encoder } from '../index';
import { fitText } from '../tokenizer/fit-text';
import { createPlainTokenizer } from '../tokenizer/plain-tokenizer';

const versionOf: Record<FixtureName, string> = { 'tiny-bert': '1', 'tiny-qwen3': 'plain', 'tiny-xlmr': '1' };
const models = Object.keys(versionOf) as FixtureName[];

const opened = new Map<string, Encoder>();

function open(model: FixtureName, maxLength: number): Encoder {
  const key = `${model} ${maxLength}`;
  const encoder = opened.get(key) ?? openFixtureEncoder(model, versionOf[model], maxLength);
  opened.set(key, encoder);
  return encoder;
}

function encode(encoder: Encoder, [query, document]: [string, string], limit: DocumentOptions = {}) {
  const encoded = encodePairs(encoder, { query, documents: [document], truncationSide: 'left', ...limit });
  const [only] = encoded.ok ? encoded.documents : [];
  if (!encoded.ok || only === undefined) throw new Error('not encoded');
  return { row: [...encoded.query.ids, ...only.ids], rowTokens: only.rowTokens, truncation: only.truncation };
}

describe('rows as Python cuts them from the left', () => {
  const { query, cases } = readLeftCases();

  /** White space before the first kept token belongs to it in some tokenizers and not in others. */
  const expectEqual = ({ row, rowTokens, truncation }: ReturnType<typeof encode>, wanted: LeftCase) => {
    expect(row).toEqual(wanted.row);
    expect(rowTokens).toBe(wanted.row.length);
    expect(truncation).toMatchObject({ tokens: wanted.tokens, keptTokens: wanted.limit, side: 'left' });
    const kept = wanted.text.slice(wanted.text.length - (truncation?.keptCharacters ?? NaN));
    // a limit may fall inside a character: Python names all of it, here it is what the whole ones take
    expect(wanted.kept.trimStart().endsWith(kept.trimStart())).toBe(true);
    expect(wanted.kept.trimStart().length - kept.trimStart().length).toBeLessThanOrEqual(2);
  };

  test.each(cases)('$model, the last $limit of $tokens tokens: by the length of the row', (wanted) => {
    expectEqual(encode(open(wanted.model, wanted.maxLength), [query, wanted.text]), wanted);
  });

  test.each(cases)('$model, the last $limit of $tokens tokens: by the limit for each document', (wanted) => {
    expectEqual(
      encode(open(wanted.model, 1_024), [query, wanted.text], { maxTokensPerDocument: wanted.limit }),
      wanted,
    );
  });

  test.each(models)('%s: a document that fits is the same from either side', (model) => {
    const encoder = open(model, 1_024);
    for (const { text, tokens } of cases.filter((one) => one.model === model)) {
      const whole = encodePairs(encoder, { query, documents: [text] });
      const row = whole.ok && [...whole.query.ids, ...(whole.documents[0]?.ids ?? [])];
      expect(encode(encoder, [query, text], { maxTokensPerDocument: tokens })).toMatchObject({
        row,
        truncation: undefined,
      });
      expect(encode(encoder, [query, text])).toMatchObject({ row, truncation: undefined });
    }
  });
});

const pieces = [
  'a',
  'the',
  ' ',
  '  ',
  '\n',
  '.',
  "'s",
  '7',
  '学',
  '机器学习',
  '한',
  'é',
  'e\u0301',
  '\u0301',
  '😀',
  '👩‍💻',
];
const oddText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces, '\ud800', '</s>', '[SEP]', 'ﬁ', '㌀', '\u2581'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(''));

describe.each(models)('%s: any text', (model) => {
  const tokenizer = createPlainTokenizer(readFixtureTokenizer(model, versionOf[model]).json);

  test.each(['token', 'character'] as const)('keeps exactly its last tokens, cut by the %s', (cut) => {
    fc.assert(
      fc.property(oddText, fc.integer({ min: 0, max: 12 }), (text, limit) => {
        const ids = tokenizer.ids(text);
        const fitted = fitText(tokenizer, text, { limit, cut, side: 'left' });
        if (ids.length <= limit) return expect(fitted).toEqual({ ids });
        const { tokens, keptTokens, keptCharacters, side } = fitted.truncation ?? fail();
        expect({ tokens, side }).toEqual({ tokens: ids.length, side: 'left' });
        if (cut === 'token') expect(keptTokens).toBe(limit);
        expect(keptTokens).toBeLessThanOrEqual(limit);
        expect(fitted.ids).toEqual(ids.slice(ids.length - keptTokens));
        expect(keptCharacters).toBeLessThanOrEqual(text.length);
        // what they cover, alone, is the end of the whole text's normal form, but for the marker before a text
        const covered = tokenizer.words(text.slice(text.length - keptCharacters)).join('');
        const whole = tokenizer.words(text).join('');
        expect([covered, covered.replace(/^\u2581/, '')].some((end) => whole.endsWith(end))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is read at 100,000 characters', () => {
    const encoder = open(model, 256);
    for (const part of ['a', ' ', '\n', '学', '㌀', '\u0301', 'e\u0301', '👩‍💻', "'s", '5']) {
      const { row } = encode(encoder, ['q', part.repeat(Math.floor(100_000 / part.length))]);
      expect(row.length).toBeLessThanOrEqual(256);
    }
  });
});

test('a prompt that leaves no room for the end of a document is refused, as for its start', () => {
  const encoder = open('tiny-qwen3', 64);
  const room = (query: string, truncationSide: 'left' | 'right') =>
    encodePairs(encoder, { query, documents: ['7 7 7'], truncationSide, instruction: '' });
  for (let words = 1; words < 20; words++) {
    const query = 'a '.repeat(words).trim();
    const [left, right] = [room(query, 'left'), room(query, 'right')];
    expect(left.ok).toBe(right.ok);
    if (left.ok && right.ok) expect(left.documents[0]?.keptTokens).toBe(right.documents[0]?.keptTokens);
  }
});

test('the encoder without files cuts alike', () => {
  const encoder = createFakeEncoder({ maxLengthTokens: 4 });
  expect(encode(encoder, ['q', 'one two three four five']).truncation).toEqual({
    tokens: 5,
    keptTokens: 3,
    keptCharacters: 'three four five'.length,
    side: 'left',
  });
});

function fail(): never {
  throw new Error('nothing was cut');
}
