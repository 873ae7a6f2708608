import { z } from 'zod';
import { replacePatterns, splitPatterns } from './patterns';
import { bpeProblem, mergePairs, pieceProblem, vocabularyProblem } from './vocabulary-json';
import type { PieceJson, VocabularyJson } from './vocabulary-json';

/**
 * The closed list of supported parts of a tokenizer.json and their options. Their results equal the reference's
 * (Python's `tokenizers`, version 0.23). Objects are strict: any other part, option or value is refused. Each of them
 * has a case in `fixtures/cases/tokenizer-parts.json.gz`.
 */

const flag = z.boolean();
const size = z.number().int().nonnegative();

/** A supported regular expression, by its source. It is parsed into the equivalent JavaScript expression. */
const regexOf = (patterns: ReadonlyMap<string, RegExp>) =>
  z.strictObject({
    Regex: z.string().transform((source, context) => {
      const pattern = patterns.get(source);
      if (pattern !== undefined) return pattern;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }),
  });

/** A check of several options together, with its own message. */
const because = (reason: string) => ({ error: reason, params: { reason } });

const plainNormalizer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('BertNormalizer'),
    clean_text: flag,
    handle_chinese_chars: flag,
    strip_accents: flag.nullish(),
    lowercase: flag,
  }),
  z.strictObject({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']) }),
  z.strictObject({ type: z.enum(['Lowercase', 'StripAccents']) }),
  z.strictObject({ type: z.literal('Strip'), strip_left: flag, strip_right: flag }),
  z.strictObject({ type: z.literal('Prepend'), prepend: z.string() }),
  z.strictObject({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() }),
  z.strictObject({
    type: z.literal('Replace'),
    pattern: z.union([z.strictObject({ String: z.string().min(1) }), regexOf(replacePatterns)]),
    content: z.string(),
  }),
]);

export type NormalizerJson =
  z.infer<typeof plainNormalizer> | { type: 'Sequence'; normalizers: readonly NormalizerJson[] };

const normalizer: z.ZodType<NormalizerJson> = z.discriminatedUnion('type', [
  ...plainNormalizer.options,
  z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(z.lazy(() => normalizer)) }),
]);

const byteLevel = z.strictObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: flag,
  trim_offsets: flag,
  use_regex: flag.optional(),
});

const metaspace = z
  .strictObject({
    type: z.literal('Metaspace'),
    replacement: z.string().refine((text) => Array.from(text).length === 1),
    prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
    /** From versions before schemes: false means `never`, true means nothing. */
    add_prefix_space: flag.nullish(),
    split: flag.nullish(),
    /** Not used by any reader. */
    str_rep: z.string().nullish(),
  })
  .refine(({ add_prefix_space: adds, prepend_scheme: scheme }) => adds !== false || (scheme ?? 'never') === 'never', {
    path: ['add_prefix_space'],
  });

const split = z
  .strictObject({
    type: z.literal('Split'),
    pattern: regexOf(splitPatterns),
    behavior: z.enum(['Isolated', 'Removed']),
    invert: flag,
  })
  // the patterns match all of a text, so isolating the matches equals removing what does not match
  .refine(({ behavior, invert }) => invert === (behavior === 'Removed'), { path: ['invert'] });

const plainPreTokenizer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']) }),
  byteLevel,
  metaspace,
  split,
]);

type PlainPreTokenizerJson = z.infer<typeof plainPreTokenizer>;
export type PreTokenizerJson = PlainPreTokenizerJson | { type: 'Sequence'; pretokenizers: readonly PreTokenizerJson[] };

const anyPreTokenizer: z.ZodType<PreTokenizerJson> = z.discriminatedUnion('type', [
  ...plainPreTokenizer.options,
  z.strictObject({ type: z.literal('Sequence'), pretokenizers: z.array(z.lazy(() => anyPreTokenizer)) }),
]);

/** The steps of a pre-tokenizer in their order. */
function stepsOf(json: PreTokenizerJson): readonly PlainPreTokenizerJson[] {
  return json.type === 'Sequence' ? json.pretokenizers.flatMap(stepsOf) : [json];
}

const preTokenizer = anyPreTokenizer.refine(
  (json) =>
    stepsOf(json)
      .slice(1)
      .every((step) => step.type !== 'Metaspace' || step.prepend_scheme !== 'first'),
  because(
    'its pre_tokenizer Metaspace has prepend_scheme "first" after another split, which this version does not support exactly',
  ),
);

const numberedToken = z.tuple([z.string(), size]);
const templatePiece = z.strictObject({ id: z.string(), type_id: size });
const templatePieces = z.array(
  z.union([z.strictObject({ SpecialToken: templatePiece }), z.strictObject({ Sequence: templatePiece })]),
);

/** Post-processors add control tokens to texts. ByteLevel only moves offsets, as do the options of RoBERTa's. */
const plainPostProcessor = z.discriminatedUnion('type', [
  byteLevel,
  z.strictObject({ type: z.literal('BertProcessing'), sep: numberedToken, cls: numberedToken }),
  z.strictObject({
    type: z.literal('RobertaProcessing'),
    sep: numberedToken,
    cls: numberedToken,
    trim_offsets: flag,
    add_prefix_space: flag,
  }),
  z.strictObject({
    type: z.literal('TemplateProcessing'),
    single: templatePieces,
    pair: templatePieces,
    special_tokens: z.record(
      z.string(),
      z.strictObject({ id: z.string(), ids: z.array(size).min(1), tokens: z.array(z.string()) }),
    ),
  }),
]);

export type PostProcessorJson =
  z.infer<typeof plainPostProcessor> | { type: 'Sequence'; processors: readonly PostProcessorJson[] };

const postProcessor: z.ZodType<PostProcessorJson> = z.discriminatedUnion('type', [
  ...plainPostProcessor.options,
  z.strictObject({ type: z.literal('Sequence'), processors: z.array(z.lazy(() => postProcessor)) }),
]);

const addedToken = z
  .strictObject({
    id: size,
    content: z.string().min(1),
    single_word: flag,
    lstrip: flag,
    rstrip: flag,
    normalized: flag,
    special: flag,
  })
  .superRefine(({ content, special }, context) => {
    if (isControl(content, special)) return;
    const name = JSON.stringify(content.slice(0, 60));
    const reason = `its added_tokens have ${name}, which is text and not a control token: this version does not support it exactly`;
    context.addIssue({ code: 'custom', ...because(reason) });
  });

/** Names of tokens that control a model. No text becomes one, so the reference's search for them does not matter. */
const controlName = /^<\|.*\|>$|^<\/?(?:s|pad|unk|mask|cls|sep|bos|eos|think|tool_call|tool_response)>$|^<unused\d+>$/s;

function isControl(content: string, special: boolean): boolean {
  return special ? /^[<[]/.test(content) : controlName.test(content);
}

/** Ignored: this server truncates rows itself, to the manifest's length. */
const truncation = z.strictObject({
  direction: z.literal('Right').optional(),
  max_length: size,
  strategy: z.enum(['LongestFirst', 'OnlySecond']),
  stride: size,
});

/** Ignored: this server pads rows itself, on the right, where a mask hides the padding. */
const padding = z
  .strictObject({
    strategy: z.union([z.literal('BatchLongest'), z.strictObject({ Fixed: size })]),
    direction: z.enum(['Left', 'Right']),
    pad_to_multiple_of: size.nullish(),
    pad_id: size,
    pad_type_id: size,
    pad_token: z.string(),
  })
  .refine(
    ({ direction, strategy, pad_to_multiple_of: multiple }) =>
      direction === 'Right' || (strategy === 'BatchLongest' && (multiple ?? 0) === 0),
    { path: ['direction'] },
  );

/** A vocabulary, validated by a function that finds a problem, and not copied. */
const checked = <Json>(model: string, problemOf: (json: unknown) => string | undefined) =>
  z.custom<Json>().superRefine((json, context) => {
    const problem = problemOf(json);
    if (problem !== undefined) context.addIssue({ code: 'custom', ...because(`its model ${model} ${problem}`) });
  });

const unigram = z
  .strictObject({
    type: z.literal('Unigram'),
    unk_id: size,
    vocab: checked<readonly PieceJson[]>('Unigram', pieceProblem),
    byte_fallback: z.literal(false).optional(),
  })
  .refine(({ unk_id: unknownId, vocab }) => unknownId < vocab.length, { path: ['unk_id'] });

const wordPiece = z
  .strictObject({
    type: z.literal('WordPiece'),
    unk_token: z.string(),
    continuing_subword_prefix: z.string(),
    max_input_chars_per_word: size,
    vocab: checked<VocabularyJson>('WordPiece', vocabularyProblem),
  })
  .refine(({ unk_token: unknown, vocab }) => Object.hasOwn(vocab, unknown), { path: ['unk_token'] });

/** Only over bytes: each byte has a token, so no character is unknown and there is no fallback. */
const bpe = z
  .strictObject({
    type: z.literal('BPE'),
    dropout: z.literal(0).nullish(),
    unk_token: z.string().nullish(),
    fuse_unk: flag.nullish(),
    byte_fallback: z.literal(false).nullish(),
    continuing_subword_prefix: z.literal('').nullish(),
    end_of_word_suffix: z.literal('').nullish(),
    ignore_merges: flag.nullish(),
    vocab: checked<VocabularyJson>('BPE', vocabularyProblem),
    /** In older files, each merge is one text with a space between the two tokens. */
    merges: z.unknown().transform((json, context) => {
      const pairs = mergePairs(json);
      if (pairs !== undefined) return pairs;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }),
  })
  .superRefine(({ vocab, merges }, context) => {
    const problem = bpeProblem(vocab, merges);
    if (problem !== undefined) context.addIssue({ code: 'custom', ...because(`its model BPE ${problem}`) });
  });

export type UnigramJson = z.infer<typeof unigram>;
export type WordPieceJson = z.infer<typeof wordPiece>;
export type BpeJson = z.infer<typeof bpe>;

/** Every part that a tokenizer.json may have. The decoder is not used. */
export const tokenizerJson = z
  .strictObject({
    version: z.literal('1.0').optional(),
    truncation: truncation.nullish(),
    padding: padding.nullish(),
    added_tokens: z.array(addedToken).default([]),
    normalizer: normalizer.nullish(),
    pre_tokenizer: preTokenizer.nullish(),
    post_processor: postProcessor.nullish(),
    decoder: z.unknown().optional(),
    model: z.discriminatedUnion('type', [unigram, wordPiece, bpe]),
  })
  .refine(
    ({ model, pre_tokenizer: json }) => model.type !== 'BPE' || (json && stepsOf(json).at(-1)?.type === 'ByteLevel'),
    because(
      'its model BPE is not over bytes (no pre_tokenizer that ends with ByteLevel): this version does not support it exactly',
    ),
  );

export type TokenizerJson = z.infer<typeof tokenizerJson>;
