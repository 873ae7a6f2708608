import { readFixtureManifest, readQwen3Tokenizer, readTemplateCases } from '@rerank-fleet/scoring/testing';
import type { Export } from './recognise';
import { readExport, recognised, withConfig, withGraph, withOperators } from './testing';

let bert: Export;
let xlmr: Export;
let qwen3: Export;
let cached: Export;
beforeAll(async () => {
  bert = await readExport('tiny-bert', '1');
  xlmr = await readExport('tiny-xlmr', '1');
  qwen3 = await readExport('tiny-qwen3', 'plain');
  cached = await readExport('tiny-qwen3', 'kv');
});

/** Members of a manifest that do not follow from an export's files. */
const ofPeople = [
  ...['formatVersion', 'name', 'version', 'aliases', 'files', 'tolerance', 'licence', 'source', 'revision'],
  'maxLengthTokens',
  'tokenBudget',
];
const ofFiles = (manifest: object) =>
  Object.fromEntries(Object.entries(manifest).filter(([member]) => !ofPeople.includes(member)));

describe('recognise gives what was written by hand', () => {
  it.each(['plain', 'kv', 'gqa', 'fp16', 'seqcls'])('for tiny-qwen3, %s', async (version) => {
    const model = recognised(await readExport('tiny-qwen3', version));
    expect(ofFiles(model)).toEqual(ofFiles(readFixtureManifest('tiny-qwen3', version)));
    expect(model).toMatchObject({ maxLengthTokens: 4_096, tokenBudget: { cpu: 256 } });
  });

  it.each([
    ['tiny-bert', { documentTypeId: 1 }],
    ['tiny-xlmr', { documentTypeId: 0 }],
  ] as const)('for %s, with the type of the document beside it', async (name, more) => {
    const model = recognised(await readExport(name, '1'));
    const manifest = readFixtureManifest(name, '1');
    const template = { ...('template' in manifest && manifest.template), ...more, version: 'tokenizer-pair-1' };
    expect(ofFiles(model)).toEqual({ ...ofFiles(manifest), template });
    expect(model).toMatchObject({ maxLengthTokens: 512, tokenBudget: { cpu: 256 } });
  });

  it("for the ids of Qwen3's real tokenizer", () => {
    const { json, config } = readQwen3Tokenizer();
    const files = withGraph({ ...qwen3, tokenizerJson: json, tokenizerConfig: config }, { outputs: [logits(151_936)] });
    const [first] = readTemplateCases();
    expect(recognised(files)).toMatchObject({
      answers: { yes: { id: 9_693 }, no: { id: 2_152 } },
      template: { prefixIds: first?.ids.slice(0, 39), suffixIds: first?.ids.slice(-9) },
      vocabularySize: 151_936,
      paddingId: 151_643,
    });
  });
});

const logits = (width: number | string) => ({ name: 'logits', type: 'float32', dims: ['batch', 'tokens', width] });

describe('the longest row', () => {
  it('is the one wanted where the model reads more', () => {
    expect(recognised({ ...bert, maxLengthTokens: 100 }).maxLengthTokens).toBe(100);
  });

  it.each(['roberta', 'xlm-roberta', 'mpnet'])('of %s begins after the padding id', (model_type) => {
    const tokenizerConfig = {};
    expect(recognised(withConfig({ ...xlmr, tokenizerConfig }, { model_type })).maxLengthTokens).toBe(512);
  });

  it.each(['bert', 'electra', 'modernbert'])('of %s has the whole table', (model_type) => {
    const files = withConfig({ ...xlmr, tokenizerConfig: {} }, { model_type });
    expect(recognised(files).maxLengthTokens).toBe(514);
  });

  it("is the tokenizer's limit where that is less, unless it means none", () => {
    const limited = (model_max_length: number) => recognised({ ...bert, tokenizerConfig: { model_max_length } });
    expect(limited(128).maxLengthTokens).toBe(128);
    expect(limited(1e30).maxLengthTokens).toBe(512);
  });

  it('is the one wanted where neither file has a limit', () => {
    const files = withConfig({ ...bert, tokenizerConfig: {} }, { max_position_embeddings: null });
    expect(recognised(files).maxLengthTokens).toBe(8_192);
  });
});

describe('the weights', () => {
  it('of dynamic int8 take one row a call and exact sums', () => {
    const files = withOperators(bert, { DynamicQuantizeLinear: 12, MatMulInteger: 12 });
    expect(recognised(files)).toMatchObject({ dtype: 'int8', maxRows: 1, exactInt8Sums: true });
    const fused = withOperators(bert, { 'com.microsoft:DynamicQuantizeMatMul': 12 });
    expect(recognised(fused)).toMatchObject({ dtype: 'int8', maxRows: 1, exactInt8Sums: true });
  });

  it.each(['QLinearMatMul', 'com.microsoft:MatMulIntegerToFloat', 'MatMulInteger'])(
    'of int8 with scales of their own (%s) take many rows and exact sums',
    (operator) => {
      const files = withOperators(bert, { [operator]: 12 });
      expect(recognised(files)).toMatchObject({ dtype: 'int8', maxRows: 64, exactInt8Sums: true });
    },
  );

  it('of int8 whose pairs do not overflow 16 bits need no exact sums', () => {
    const files = { ...withOperators(bert, { MatMulInteger: 12 }), int8PairsMayOverflow: false };
    expect(recognised(files)).toMatchObject({ dtype: 'int8' });
    expect(recognised(files)).not.toHaveProperty('exactInt8Sums');
  });

  it.each(['com.microsoft:MatMulNBits', 'com.microsoft:MatMulBnb4'])('in 4 bits (%s) are q4', (operator) => {
    const model = recognised(withOperators(qwen3, { [operator]: 12 }));
    expect(model).toMatchObject({ dtype: 'q4', maxRows: 64 });
    expect(model).not.toHaveProperty('exactInt8Sums');
  });

  it('in floats need no exact sums', () => {
    expect(recognised(bert)).toMatchObject({ dtype: 'float32', maxRows: 64 });
    expect(recognised(bert)).not.toHaveProperty('exactInt8Sums');
  });
});

describe('the rows of a call', () => {
  const withRows = (files: Export, rows: number | string) =>
    withGraph(files, { inputs: files.graph.inputs.map((one) => ({ ...one, dims: [rows, ...one.dims.slice(1)] })) });

  it('are one where an input has that many, and many where they are open', () => {
    for (const files of [bert, qwen3, cached]) expect(recognised(withRows(files, 1)).maxRows).toBe(1);
    // -1 in a field of 64 bits, as some exporters write an open axis
    for (const rows of ['rows', '?', 2 ** 64]) expect(recognised(withRows(bert, rows)).maxRows).toBe(64);
  });
});

it('the logarithms of a softmax do, since their difference is that of the logits', () => {
  expect(recognised(withGraph(qwen3, { producers: { logits: 'LogSoftmax' } })).head).toBe('causal-yes-no');
});

describe('the padding token', () => {
  it("is config.json's", () => {
    expect(recognised(withConfig(bert, { pad_token_id: 7 })).paddingId).toBe(7);
    expect(recognised(withConfig(bert, { pad_token_id: 0 })).paddingId).toBe(0);
  });

  it.each([['[PAD]'], [{ content: '[PAD]' }]])("is the tokenizer's %j where config.json has none", (pad_token) => {
    const files = withConfig({ ...bert, tokenizerConfig: { pad_token } }, { pad_token_id: null });
    expect(recognised(files).paddingId).toBe(0);
  });
});

describe('what the graph leaves open is taken from config.json', () => {
  it('the width of the logits', () => {
    expect(recognised(withGraph(qwen3, { outputs: [logits('vocabulary')] })).vocabularySize).toBe(1_026);
    expect(recognised(withGraph(qwen3, { outputs: [logits(2_000)] })).vocabularySize).toBe(2_000);
  });

  const openInputs = (files: Export) =>
    files.graph.inputs.map((input) =>
      input.name.startsWith('past') ? { ...input, dims: ['batch', 'heads', 'past', 'size'] } : input,
    );

  it.each([
    ['its own members', {}, { keyValueHeads: 2, headSize: 16 }],
    ['the sizes they follow from', { num_key_value_heads: null, head_dim: null, hidden_size: 128 }, headsOf(4, 32)],
  ])('heads and their size, from %s', (_from, change, sizes) => {
    const files = withConfig(withGraph(cached, { inputs: openInputs(cached) }), change);
    expect(recognised(files)).toMatchObject({ cache: { layers: 2, ...sizes } });
  });
});

describe('a budget for CUDA', () => {
  it('is given to graphs in floats, also with keys and values in halves, which are not kept', () => {
    const budget = { cpu: 256, cuda: 8_192 };
    for (const files of [bert, qwen3, halves()]) expect(recognised(files).tokenBudget).toEqual(budget);
  });

  it('is not given to quantized graphs, nor where keys and values of the query are kept', () => {
    const int8 = withOperators(bert, { MatMulInteger: 12 });
    const q4 = withOperators(qwen3, { 'com.microsoft:MatMulNBits': 12 });
    for (const files of [int8, q4, cached]) expect(recognised(files).tokenBudget).toEqual({ cpu: 256 });
  });
});

function headsOf(keyValueHeads: number, headSize: number) {
  return { keyValueHeads, headSize };
}

/** The graph with a cache whose keys and values are halves. */
function halves(): Export {
  const inputs = cached.graph.inputs.map((one) => (one.name.startsWith('past') ? { ...one, type: 'float16' } : one));
  return withGraph(cached, { inputs });
}

it('a cache in half precision is recognised', () => {
  expect(recognised(halves())).toMatchObject({ cache: { dtype: 'float16', oneRow: false } });
});

it('a classifier may take position ids, or labels of an open number', () => {
  const inputs = [...bert.graph.inputs, { name: 'position_ids', type: 'int64', dims: ['batch', 'tokens'] }];
  const outputs = [{ name: 'logits', type: 'float16', dims: ['batch', 'labels'] }];
  expect(recognised(withGraph(bert, { inputs, outputs }))).toMatchObject({
    head: 'sequence-classification',
    inputs: { tokenTypeIds: 'token_type_ids', positionIds: 'position_ids' },
    dtype: 'float16',
  });
});
