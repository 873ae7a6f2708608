import fc from 'fast-check';
import {
  fixtureNames,
  openFixtureEncoder,
  readCases,
  readFixtureManifest,
  readFixtureTokenizer,
  readProbes,
  readQwen3Tokenizer,
  readTemplateCases,
  type FixtureCase,
  type FixtureName,
} from '../testing/fixtures';
import { createEncoder, encodePairs, type Encoder, type Manifest } from '../index';
import { createPlainTokenizer } from '../tokenizer/plain-tokenizer';

const versionOf: Record<FixtureName, string> = { 'tiny-bert': '1', 'tiny-qwen3': 'plain', 'tiny-xlmr': '1' };

function encode(
  encoder: Encoder,
  { query, document, instruction }: Pick<FixtureCase, 'query' | 'document' | 'instruction'>,
) {
  return encodePairs(encoder, {
    query,
    documents: [document],
    ...(instruction !== undefined && { instruction }),
  });
}

/** The row that the graph reads, and what is reported about the document. */
function rowOf(encoder: Encoder, texts: Pick<FixtureCase, 'query' | 'document' | 'instruction'>) {
  const encoded = encode(encoder, texts);
  const [document] = encoded.ok ? encoded.documents : [];
  if (!encoded.ok || document === undefined) return { failure: encoded.ok ? undefined : encoded.failure.code };
  const ids = [...encoded.query.ids, ...document.ids];
  return { ids, rowTokens: document.rowTokens, kept: document.keptTokens, truncation: document.truncation };
}

describe.each(fixtureNames)('%s: every case from its text', (name) => {
  const encoders = new Map<number, Encoder>();
  const encoderFor = (maxLength: number): Encoder => {
    const known = encoders.get(maxLength) ?? openFixtureEncoder(name, versionOf[name], maxLength);
    encoders.set(maxLength, known);
    return known;
  };

  test.each(readCases(name))('$name', (wanted) => {
    const row = rowOf(encoderFor(wanted.maxLength), wanted);
    if (wanted.error !== undefined) return expect(row).toEqual({ failure: 'query_too_long' });
    expect(row.ids).toEqual(wanted.ids);
    expect(row.rowTokens).toBe(wanted.ids?.length);
    expect(row.kept).toBe(wanted.keptDocumentTokens);
    expect(row.truncation?.tokens).toBe(wanted.truncated ? wanted.documentTokens : undefined);
  });
});

describe('the real Qwen3 tokenizer', () => {
  const { json } = readQwen3Tokenizer();
  const tokenizer = createPlainTokenizer(json);
  const manifest = qwen3Manifest();
  const encoderFor = (maxLengthTokens: number) => createEncoder({ ...manifest, maxLengthTokens }, json);
  const encoders = new Map([8192, 512, 128, 80, 64].map((length) => [length, encoderFor(length)]));

  /** The tiny model's manifest with the real ids. */
  function qwen3Manifest(): Manifest {
    const tiny = readFixtureManifest('tiny-qwen3', 'plain');
    const [first] = readTemplateCases();
    if (tiny.head !== 'causal-yes-no' || first === undefined) throw new Error('no template');
    return {
      ...tiny,
      vocabularySize: 151_669,
      template: { ...tiny.template, prefixIds: first.ids.slice(0, 39), suffixIds: first.ids.slice(-9) },
      answers: { yes: { token: 'yes', id: 9693 }, no: { token: 'no', id: 2152 } },
    };
  }

  test.each(readTemplateCases())('$name, whole and at each cut', (wanted) => {
    const encoder = encoders.get(8192) as Encoder;
    expect(rowOf(encoder, wanted)).toMatchObject({ ids: wanted.ids, kept: wanted.documentTokens });
    for (const [length, cut] of Object.entries(wanted.cut)) {
      const row = rowOf(encoders.get(Number(length)) as Encoder, wanted);
      if (cut.error !== undefined) expect(row).toEqual({ failure: 'query_too_long' });
      else expect(row).toMatchObject({ ids: cut.ids ?? wanted.ids, kept: cut.keptDocumentTokens });
    }
  });

  test.each(readProbes())('$name', (probe) => expect(tokenizer.ids(probe.text)).toEqual(probe['qwen3']));
});

const fixtureOf = {
  'tiny-bert': 'bert-cross-encoder-tiny',
  'tiny-qwen3': 'qwen3-causal-tiny',
  'tiny-xlmr': 'xlmr-cross-encoder-tiny',
} as const;

describe.each(fixtureNames)('%s: odd strings as the Rust library reads them', (name) => {
  const { json } = readFixtureTokenizer(name, versionOf[name]);
  const tokenizer = createPlainTokenizer(json);
  test.each(readProbes())('$name', (probe) => expect(tokenizer.ids(probe.text)).toEqual(probe[fixtureOf[name]]));
});

const oddText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'a',
          'the',
          ' ',
          '  ',
          '\n',
          '\r\n',
          '\t',
          '.',
          "'s",
          '7',
          '学',
          '机器学习',
          '한',
          'é',
          'e\u0301',
          '\u0301',
        ],
        ...[
          '😀',
          '👩‍💻',
          '\ud800',
          '\u0000',
          '\u200b',
          '<|im_end|>',
          '<think>',
          '</s>',
          '<s>',
          '[SEP]',
          '[CLS]',
          '<|im_',
        ],
        ...['{document}', '{query}', '$&', '<Document>:', 'ﬁ', '㌀', '\u2581', 'ｶﾞ'],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

describe('a prompt', () => {
  const encoder = openFixtureEncoder('tiny-qwen3', 'plain', 1024);
  const { json } = readFixtureTokenizer('tiny-qwen3', 'plain');
  const tokenizer = createPlainTokenizer(json);

  test('has the ids of its whole body, whatever the texts are', () => {
    fc.assert(
      fc.property(oddText, oddText, oddText, (instruction, query, document) => {
        const body = `<Instruct>: ${instruction}\n<Query>: ${query}\n<Document>: ${document}`;
        const row = rowOf(encoder, { instruction, query, document });
        expect(row.ids?.slice(39, -9)).toEqual(tokenizer.ids(body));
      }),
      { numRuns: 500 },
    );
  });

  test('takes the instruction of its template where the request has none, and an empty one as it is', () => {
    const own = 'Given a web search query, retrieve relevant passages that answer the query';
    const texts = { query: 'q', document: 'd' };
    expect(rowOf(encoder, texts).ids).toEqual(rowOf(encoder, { ...texts, instruction: own }).ids);
    expect(rowOf(encoder, texts).ids).not.toEqual(rowOf(encoder, { ...texts, instruction: '' }).ids);
  });
});

const controlIds = { 'tiny-bert': [0, 2, 3, 4], 'tiny-qwen3': range(1000, 1026), 'tiny-xlmr': [0, 1, 2] };

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, index) => from + index);
}

describe.each(fixtureNames)('%s', (name) => {
  const whole = openFixtureEncoder(name, versionOf[name], 1024);
  const { json } = readFixtureTokenizer(name, versionOf[name]);
  const tokenizer = createPlainTokenizer(json);

  test('never turns text into a control token', () => {
    const control = new Set(controlIds[name]);
    fc.assert(
      fc.property(oddText, (text) => expect(tokenizer.ids(text).filter((id) => control.has(id))).toEqual([])),
      { numRuns: 500 },
    );
  });

  test('keeps of a cut document exactly the first tokens, and names the characters that they cover', () => {
    fc.assert(
      fc.property(oddText, oddText, fc.integer({ min: 1, max: 12 }), (query, document, maxTokensPerDocument) => {
        const encoded = whole.encodeQuery({ query });
        if (!encoded.ok) throw new Error(encoded.failure.message);
        const all = whole.encodeDocument(encoded.query, document, {});
        const cut = whole.encodeDocument(encoded.query, document, { maxTokensPerDocument });
        const endTokens = all.ids.length - all.keptTokens;
        expect(cut.keptTokens).toBe(Math.min(all.keptTokens, maxTokensPerDocument));
        expect(cut.ids).toHaveLength(cut.keptTokens + endTokens);
        if (cut.truncation === undefined) return expect(cut.ids).toEqual(all.ids);
        const { tokens, keptTokens, keptCharacters } = cut.truncation;
        expect({ tokens, keptTokens }).toEqual({ tokens: all.keptTokens, keptTokens: maxTokensPerDocument });
        const covered = whole.encodeDocument(encoded.query, document.slice(0, keptCharacters), {});
        expect(covered.keptTokens).toBeLessThanOrEqual(keptTokens);
        const leading = all.ids.length - all.keptTokens - endTokens + covered.keptTokens;
        expect([...cut.ids].slice(0, leading)).toEqual([...covered.ids].slice(0, leading));
      }),
      { numRuns: 500 },
    );
  });

  test('reads 100,000 characters of anything', () => {
    const encoded = whole.encodeQuery({ query: 'q' });
    if (!encoded.ok) throw new Error(encoded.failure.message);
    for (const part of ['a', ' ', '\n', '学', '㌀', '\u0301', 'e\u0301', '한', '👩‍💻', '\u1100', "'s", '5', '\u200d']) {
      const text = part.repeat(Math.floor(100_000 / part.length));
      const { ids } = whole.encodeDocument(encoded.query, text, {});
      expect(encoded.query.ids.length + ids.length).toBeLessThanOrEqual(1024);
    }
  });
});
