import type { GraphValue } from '../onnx/read-graph';
import type { Export } from './recognise';
import { readExport, refusalOf, withConfig, withGraph, withOperators } from './testing';

let bert: Export;
let qwen3: Export;
let cached: Export;
let seqcls: Export;
beforeAll(async () => {
  bert = await readExport('tiny-bert', '1');
  qwen3 = await readExport('tiny-qwen3', 'plain');
  cached = await readExport('tiny-qwen3', 'kv');
  seqcls = await readExport('tiny-qwen3', 'seqcls');
});

const ids = (name: string, type = 'int64'): GraphValue => ({ name, type, dims: ['batch', 'tokens'] });
const output = (name: string, ...dims: (number | string)[]): GraphValue => ({ name, type: 'float32', dims });
const withInput = (files: Export, input: GraphValue) =>
  withGraph(files, { inputs: [...files.graph.inputs.filter(({ name }) => name !== input.name), input] });
const withoutValue = (files: Export, kind: 'inputs' | 'outputs', value: string) =>
  withGraph(files, { [kind]: files.graph[kind].filter(({ name }) => name !== value) });

describe('of a graph, recognise refuses', () => {
  it('an input that it cannot feed', () => {
    expect(refusalOf(withInput(qwen3, { name: 'num_logits_to_keep', type: 'int64', dims: [] }))).toBe(
      'the input num_logits_to_keep is not supported by this version',
    );
    expect(refusalOf(withInput(bert, ids('past_key_values.0.key.scale')))).toMatch('past_key_values.0.key.scale');
  });

  it('the lack of an input', () => {
    expect(refusalOf(withGraph(bert, { inputs: [ids('tokens'), ids('attention_mask')] }))).toBe(
      'it has the inputs tokens, attention_mask, and lacks input_ids',
    );
    expect(refusalOf(withGraph(bert, { inputs: [ids('tokens')] }))).toMatch('lacks input_ids, attention_mask');
  });

  it.each(['input_ids', 'attention_mask', 'token_type_ids'])('another type of %s', (name) => {
    expect(refusalOf(withInput(bert, ids(name, 'int32')))).toBe(`the input ${name} is of the type int32, not int64`);
  });

  it('another type of logits', () => {
    const outputs = [{ ...output('logits', 'batch', 1), type: 'bfloat16' }];
    expect(refusalOf(withGraph(bert, { outputs }))).toBe(
      'the output logits is of the type bfloat16, not float32 or float16',
    );
  });

  it('two labels', () => {
    expect(refusalOf(withGraph(bert, { outputs: [output('logits', 'batch', 2)] }))).toMatch(
      /^the output logits has 2 labels, a reranker has one/,
    );
  });

  it.each([
    ['[batch]', ['batch']],
    ['[]', []],
    ['[batch, 1, 2, 3]', ['batch', 1, 2, 3]],
  ])('logits of the shape %s', (shape, dims) => {
    expect(refusalOf(withGraph(bert, { outputs: [output('logits', ...dims)] }))).toBe(
      `the output logits has the shape ${shape}, which no reranker has`,
    );
  });

  it.each(['last_hidden_state', 'sentence_embedding', 'pooler_output'])(
    'an embedding model, which gives %s',
    (name) => {
      expect(refusalOf(withGraph(bert, { outputs: [output(name, 'batch', 384)] }))).toBe(
        `it has the outputs ${name}: it is an embedding model, not a reranker`,
      );
    },
  );

  it('outputs without logits', () => {
    expect(refusalOf(withGraph(bert, { outputs: [output('scores', 'batch', 1)] }))).toBe(
      'it has the outputs scores, and lacks logits',
    );
  });

  it('a layer of which the cache lacks a part', () => {
    for (const name of ['past_key_values.1.value', 'past_key_values.0.key']) {
      expect(refusalOf(withoutValue(cached, 'inputs', name))).toBe(`the input ${name} is missing among its layers`);
    }
    expect(refusalOf(withoutValue(cached, 'outputs', 'present.1.key'))).toBe('the output present.1.key is missing');
  });

  it('a cache whose sizes are nowhere', () => {
    const inputs = cached.graph.inputs.map((one) =>
      one.name.startsWith('past') ? { ...one, dims: ['batch', 'heads', 'past', 'size'] } : one,
    );
    const none = { num_key_value_heads: null, num_attention_heads: null, head_dim: null, hidden_size: null };
    expect(refusalOf(withConfig(withGraph(cached, { inputs }), none))).toBe(
      'the input past_key_values.0.key has the shape [batch, heads, past, size], without the number of heads and their size',
    );
  });

  it('a cache of another type', () => {
    const inputs = cached.graph.inputs.map((one) => (one.name.startsWith('past') ? { ...one, type: 'int8' } : one));
    expect(refusalOf(withGraph(cached, { inputs }))).toBe('the input past_key_values.0.key is of the type int8');
  });

  it.each<[string, (number | string)[], string]>([
    ['attention_mask', [4, 'tokens'], 'takes exactly 4 rows per call'],
    ['token_type_ids', [0, 'tokens'], 'takes exactly 0 rows per call'],
    ['token_type_ids', ['batch', 128], 'takes exactly 128 tokens per row'],
    ['attention_mask', [1, 1], 'takes exactly 1 tokens per row'],
  ])('%s with the fixed axes %j', (name, dims, reason) => {
    const fixed = withInput(bert, { ...ids(name), dims });
    expect(refusalOf(fixed)).toBe(`the input ${name} ${reason}: export it with an open axis`);
  });

  it.each([[['batch']], [['batch', 'tokens', 1]], [[]]])('ids of the shape %j', (dims) => {
    expect(refusalOf(withInput(bert, { ...ids('input_ids'), dims }))).toBe(
      `the input input_ids has the shape [${dims.join(', ')}]`,
    );
  });

  it('a cache of a fixed length', () => {
    const inputs = cached.graph.inputs.map((one) =>
      one.name.startsWith('past') ? { ...one, dims: ['batch', 2, 16, 16] } : one,
    );
    expect(refusalOf(withGraph(cached, { inputs }))).toMatch(
      /^the input past_key_values.0.key takes exactly 16 tokens/,
    );
  });

  it.each<[string, () => Export, string[]]>([
    ['a classifier', () => bert, ['Sigmoid', 'HardSigmoid', 'Softmax', 'LogSoftmax']],
    ['a language model', () => qwen3, ['Sigmoid', 'HardSigmoid', 'Softmax']],
  ])('%s whose logits come from an operator that gives scores', (_what, files, operators) => {
    for (const operator of operators) {
      expect(refusalOf(withGraph(files(), { producers: { logits: operator } }))).toMatch(
        `the output logits comes from a ${operator}: it outputs scores`,
      );
    }
  });

  it('a cache in a model that gives labels', () => {
    expect(refusalOf(withInput(seqcls, ids('past_key_values.0.key', 'float32')))).toMatch(
      'the output present.0.key is missing',
    );
  });

  it('token types in a language model', () => {
    expect(refusalOf(withInput(qwen3, ids('token_type_ids')))).toMatch(
      /^a causal language model has no input token_type_ids/,
    );
  });

  it('an operator of a domain that is not loaded', () => {
    expect(refusalOf(withOperators(bert, { 'example.custom:FusedRerankHead': 1 }))).toBe(
      'the node example.custom:FusedRerankHead is a custom operator, which is not supported',
    );
  });
});

describe('of the files beside it, recognise refuses', () => {
  it.each([
    ['that are absent or no JSON', undefined, 'object'],
    ['that are no object', [], 'object'],
    ['without a type', { vocab_size: 5 }, 'model_type'],
    ['without a vocabulary', { model_type: 'bert' }, 'vocab_size'],
    ['with a number that is none', { model_type: 'bert', vocab_size: 5, pad_token_id: 'x' }, 'pad_token_id'],
  ])('contents of config.json %s', (_what, config, field) => {
    expect(refusalOf({ ...bert, config })).toMatch(new RegExp(`^config.json lacks a usable ${field}$`));
  });

  it.each([
    ['that are absent or no JSON', undefined, 'object'],
    ['with a length that is none', { model_max_length: 'long' }, 'model_max_length'],
    ['with a padding token that is none', { pad_token: 1 }, 'pad_token'],
  ])('contents of tokenizer_config.json %s', (_what, tokenizerConfig, field) => {
    expect(refusalOf({ ...bert, tokenizerConfig })).toBe(`tokenizer_config.json lacks a usable ${field}`);
  });

  it.each([
    ['no JSON', undefined],
    ['no tokenizer', { version: '1.0' }],
    ['of a kind that is not read', { added_tokens: [], normalizer: null, pre_tokenizer: null, model: { type: 'X' } }],
  ])('a tokenizer.json that is %s', (_what, tokenizerJson) => {
    expect(refusalOf({ ...bert, tokenizerJson })).toMatch(/^tokenizer\.json: ./);
  });

  it.each<[string, [() => Export, string], string]>([
    ['a classifier', [() => seqcls, 'gemma'], 'it classifies with a model of the type "gemma", whose input'],
    ['a language model', [() => qwen3, 'llama'], 'it is a language model of the type "llama", whose prompt'],
    ['a name that would steer a terminal', [() => qwen3, '\u001b[2J\n'], 'of the type "\\u001b[2J\\n", whose'],
  ])('%s of a type that it does not know', (_what, [files, model_type], message) => {
    expect(refusalOf(withConfig(files(), { model_type }))).toContain(message);
  });

  it('files that name no padding token', () => {
    const message = 'neither config.json nor tokenizer_config.json names a padding token';
    const open = withConfig(bert, { pad_token_id: undefined });
    expect(refusalOf({ ...open, tokenizerConfig: {} })).toBe(message);
    expect(refusalOf({ ...open, tokenizerConfig: { pad_token: '<absent>' } })).toBe(message);
  });

  /** The tokenizer of the tiny Qwen3 with some of its tokens under other names. */
  function renamed(...tokens: string[]): unknown {
    const json = structuredClone(qwen3.tokenizerJson) as {
      added_tokens: { content: string }[];
      model: { vocab: Record<string, number>; merges: (string | string[])[] };
    };
    for (const token of json.added_tokens) if (tokens.includes(token.content)) token.content = `<|${token.content}|>`;
    const { model } = json;
    model.vocab = Object.fromEntries(
      Object.entries(model.vocab).map(([token, id]) => [tokens.includes(token) ? `${token}x` : token, id]),
    );
    model.merges = model.merges.filter((merge) => {
      const parts = typeof merge === 'string' ? merge.split(' ') : merge;
      return ![...parts, parts.join('')].some((part) => tokens.includes(part));
    });
    return json;
  }

  it('a tokenizer without the control tokens of the prompt', () => {
    const tokenizerJson = renamed('<think>', '<|im_end|>');
    for (const files of [qwen3, seqcls]) {
      expect(refusalOf({ ...files, tokenizerJson, tokenizerConfig: { pad_token: '<|endoftext|>' } })).toBe(
        "its tokenizer lacks the tokens <|im_end|>, <think> of Qwen3-Reranker's prompt",
      );
    }
  });

  it.each(['yes', 'no'])('a tokenizer without the token %s', (token) => {
    expect(refusalOf({ ...qwen3, tokenizerJson: renamed(token) })).toBe('its tokenizer lacks the tokens yes and no');
  });

  it('a tokenizer that says nothing of pairs', () => {
    const tokenizerJson = { ...(bert.tokenizerJson as object), post_processor: null };
    expect(refusalOf({ ...bert, tokenizerJson })).toMatch(/^the post_processor of its tokenizer\.json does not say/);
  });
});
