import {
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import fsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ProtobufError } from './protobuf';
import { readGraph } from './read-graph';
import { field, numberField, onnxAroundWeight, onnxFile, text, type OnnxParts } from './testing';

const fixtures = join(__dirname, '../../../../libs/scoring/fixtures');
const good = join(fixtures, 'bad/good/model.onnx');
const ids = (name: string) => ({ name, type: 'int64', dims: ['batch_size', 'sequence_length'] });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-graph-'));
  file = join(folder, 'model.onnx');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function read(content: Buffer) {
  writeFileSync(file, content);
  return readGraph(file);
}

const readParts = (parts: OnnxParts) => read(onnxFile(parts));

describe('readGraph tells of a graph', () => {
  it('its versions, inputs, outputs and operators with their count', async () => {
    expect(await readGraph(good)).toEqual({
      irVersion: 8,
      opsets: { '': 17 },
      inputs: [ids('input_ids'), ids('attention_mask')],
      outputs: [{ name: 'logits', type: 'float32', dims: ['batch_size', 1] }],
      operators: { Gather: 1, Cast: 1, Unsqueeze: 1, Mul: 1, ReduceSum: 2, Div: 1, MatMul: 1 },
      externalFiles: {},
      producers: { logits: 'MatMul' },
      integerWeights: [],
      weightCounts: { float32: 4_108, int64: 2 },
    });
  });

  const pastOf = (layer: number) =>
    ['key', 'value'].map((part) => ({
      name: `past_key_values.${layer}.${part}`,
      type: 'float32',
      dims: ['batch_size', 2, 'past_sequence_length', 16],
    }));

  it.each([
    ['tiny-bert/1', [ids('input_ids'), ids('attention_mask'), ids('token_type_ids')]],
    ['tiny-xlmr/1', [ids('input_ids'), ids('attention_mask')]],
    ['tiny-qwen3/plain', [ids('input_ids'), ids('attention_mask'), ids('position_ids')]],
    ['tiny-qwen3/fp16', [ids('input_ids'), ids('attention_mask'), ids('position_ids')]],
    ['tiny-qwen3/seqcls', [ids('input_ids'), ids('attention_mask')]],
    ...['kv', 'gqa'].map((version) => [
      `tiny-qwen3/${version}`,
      [
        ids('input_ids'),
        { ...ids('attention_mask'), dims: ['batch_size', 'total_sequence_length'] },
        ids('position_ids'),
        ...pastOf(0),
        ...pastOf(1),
      ],
    ]),
  ] as [string, object[]][])('the inputs of %s', async (model, inputs) => {
    expect(await readGraph(join(fixtures, 'models', model, 'model.onnx'))).toMatchObject({ irVersion: 8, inputs });
  });

  it.each([
    ['tiny-bert/1', { type: 'float32', dims: ['batch_size', 1] }],
    ['tiny-xlmr/1', { type: 'float32', dims: ['batch_size', 1] }],
    ['tiny-qwen3/seqcls', { type: 'float32', dims: ['batch_size', 1] }],
    ['tiny-qwen3/plain', { type: 'float32', dims: ['batch_size', 'sequence_length', 1026] }],
    ['tiny-qwen3/fp16', { type: 'float16', dims: ['batch_size', 'sequence_length', 1026] }],
    ['tiny-qwen3/kv', { type: 'float32', dims: ['batch_size', 'sequence_length', 1026] }],
    ['tiny-qwen3/gqa', { type: 'float32', dims: ['batch_size', 'sequence_length', 1026] }],
  ])('the logits of %s', async (model, logits) => {
    const { outputs } = await readGraph(join(fixtures, 'models', model, 'model.onnx'));
    expect(outputs[0]).toEqual({ name: 'logits', ...logits });
    const layers = outputs.slice(1).map(({ name }) => name);
    const present = ['present.0.key', 'present.0.value', 'present.1.key', 'present.1.value'];
    expect(layers).toEqual(/kv|gqa/.test(model) ? present : []);
  });

  it("operators of Microsoft's set under its domain", async () => {
    const { operators, opsets } = await readGraph(join(fixtures, 'models/tiny-qwen3/gqa/model.onnx'));
    expect(opsets).toEqual({ '': 17, 'com.microsoft': 1 });
    expect(operators).toMatchObject({ 'com.microsoft:GroupQueryAttention': 2, 'com.microsoft:RotaryEmbedding': 4 });
  });

  it.each([
    ['ir-too-new', { irVersion: 99 }],
    ['opset-too-new', { opsets: { '': 99 } }],
    ['nan-weights', { inputs: [ids('input_ids'), ids('attention_mask')] }],
    ['vocabulary-too-small', { inputs: [ids('input_ids'), ids('attention_mask')] }],
    ['two-labels', { outputs: [{ name: 'logits', type: 'float32', dims: ['batch_size', 2] }] }],
    ['unknown-operator', { operators: expect.objectContaining({ 'example.custom:FusedRerankHead': 1 }) }],
    ['wrong-input-names', { inputs: [ids('tokens'), ids('mask')] }],
    ['wrong-output-name', { outputs: [expect.objectContaining({ name: 'scores' })] }],
    ['missing-external-data', { externalFiles: { 'model.onnx_data': 16_416 } }],
    ['external-data-too-short', { externalFiles: { 'model.onnx_data': 16_416 } }],
  ])('what is odd about %s', async (name, odd) => {
    expect(await readGraph(join(fixtures, 'bad', name, 'model.onnx'))).toMatchObject(odd);
  });

  it('how many bytes of each other file its weights need', async () => {
    const { externalFiles } = await readParts({
      weights: [
        { name: 'a', external: { location: 'one.data', offset: 4_000, length: 96 } },
        { name: 'b', external: { location: 'one.data', length: 4_000 } },
        { name: 'c', external: { location: 'two.data' } },
        { name: 'd', content: Buffer.alloc(8) },
      ],
    });
    expect(externalFiles).toEqual({ 'one.data': 4_096, 'two.data': 0 });
  });

  it('the weights and operators inside of nodes, as If and Constant have them', async () => {
    const { externalFiles, operators } = await readParts({
      nodes: [
        { type: 'Constant', constant: { name: '', external: { location: '../outside', length: 8 } } },
        { type: 'If', inner: { nodes: [{ type: 'Odd', domain: 'custom' }], weights: [external('inner.data')] } },
      ],
    });
    expect(externalFiles).toEqual({ '../outside': 8, 'inner.data': 16 });
    expect(operators).toEqual({ Constant: 1, If: 1, 'custom:Odd': 1 });
  });
  const external = (location: string) => ({ name: 'w', external: { location, length: 16 } });

  it('no weight among its inputs, where older exporters list it', async () => {
    const input = { name: 'input_ids', type: 7, dims: [1] };
    const weights = [{ name: 'w', content: Buffer.alloc(4) }];
    const { inputs } = await readParts({ inputs: [{ name: 'w', type: 1, dims: [1] }, input], weights });
    expect(inputs).toEqual([{ name: 'input_ids', type: 'int64', dims: [1] }]);
  });

  it('a type and a dimension that it does not know as such', async () => {
    const { inputs } = await readParts({ inputs: [{ name: 'words', type: 8, dims: ['n'] }] });
    expect(inputs).toEqual([{ name: 'words', type: 'unknown', dims: ['n'] }]);
    const bare = field(11, text(1, 'x'), field(2, field(1, numberField(1, 10), field(2, field(1)))));
    const content = Buffer.concat([field(7, bare), field(8, numberField(2, 17))]);
    expect((await read(content)).inputs).toEqual([{ name: 'x', type: 'float16', dims: ['?'] }]);
  });

  it('names that JavaScript objects have of their own', async () => {
    const nodes = [{ type: 'constructor' }, { type: 'constructor' }];
    const { operators, externalFiles } = await readParts({ nodes, weights: [external('__proto__')] });
    expect(operators).toEqual({ constructor: 2 });
    expect(Object.keys(externalFiles)).toEqual(['__proto__']);
  });

  it('what makes each output, past operators that only move it', async () => {
    const moved = (type: string, from: string, to: string) => ({ type, inputs: [from], outputs: [to] });
    const { producers } = await readParts({
      nodes: [
        moved('MatMul', 'x', 'a'),
        moved('Sigmoid', 'a', 'b'),
        moved('Cast', 'b', 'c'),
        moved('Reshape', 'c', 'scores'),
        moved('Identity', 'x', 'copy'),
        { ...moved('Sigmoid', 'a', 'odd'), domain: 'custom' },
        moved('Identity', 'round', 'round'),
      ],
      outputs: ['a', 'scores', 'copy', 'odd', 'round', 'absent'].map((name) => ({ name, type: 1, dims: [] })),
    });
    expect(producers).toEqual({ a: 'MatMul', scores: 'Sigmoid', odd: 'custom:Sigmoid', round: 'Identity' });
  });

  it("the standard set's operators without a domain, however it is written", async () => {
    expect((await readParts({ nodes: [{ type: 'Add', domain: 'ai.onnx' }, { type: 'Add' }] })).operators).toEqual({
      Add: 2,
    });
  });
});

describe('readGraph refuses', () => {
  it.each([
    ['html-error-page', 'it is not protobuf'],
    ['lfs-pointer', 'it is not protobuf'],
    ['truncated-file', 'it is cut short'],
  ])('%s', async (name, message) => {
    const reading = readGraph(join(fixtures, 'bad', name, 'model.onnx'));
    await expect(reading).rejects.toThrow(ProtobufError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'it is empty'],
    ['zeros', Buffer.alloc(1_000), 'it contains no graph'],
    ['a number without an end', Buffer.alloc(20, 0xff), 'it is not protobuf'],
    ['a file that ends before its graph', numberField(1, 8), 'it contains no graph'],
    ['a file that ends after its graph', onnxFile({ opsets: {} }), 'it names no operator set'],
    ['a number where a name belongs', field(7, field(1, numberField(4, 1))), 'a number where a text was expected'],
    ['a name longer than any', field(7, field(1, text(4, 'x'.repeat(70_000)))), 'a name of 70000 bytes'],
    ['a text one byte longer than its field', field(7, field(1, Buffer.from([0x22, 2, 0x41]))), 'it is cut short'],
    ['a field longer than the one that holds it', field(7, Buffer.from([0x0a, 0x7f])), 'it is cut short'],
  ])('%s', async (_name, content, message) => {
    const reading = read(content);
    await expect(reading).rejects.toThrow(ProtobufError);
    await expect(reading).rejects.toThrow(message);
  });

  const graphOrRefusal = async (content: Buffer) => {
    try {
      expect(await read(content)).toMatchObject({ irVersion: expect.any(Number) });
    } catch (error) {
      expect(error).toBeInstanceOf(ProtobufError);
    }
  };

  it('a file that is cut at any byte', async () => {
    const whole = readFileSync(join(fixtures, 'bad/missing-external-data/model.onnx'));
    for (let length = 0; length < whole.length; length++) {
      await expect(read(whole.subarray(0, length))).rejects.toThrow(ProtobufError);
    }
  });

  it('or reads any file that is damaged, and ends either way', async () => {
    const whole = readFileSync(join(fixtures, 'bad/missing-external-data/model.onnx'));
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    const property = fc.asyncProperty(
      damage,
      fc.oneof(fc.constant(whole.length), fc.nat(whole.length)),
      async (changes, length) => {
        const content = Buffer.from(whole);
        for (const [place, byte] of changes) content[place] = byte;
        await graphOrRefusal(content.subarray(0, length));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it('or reads any bytes', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => graphOrRefusal(Buffer.from(bytes)));
    await fc.assert(property, { numRuns: 300 });
  });
});

it('readGraph reads what lies behind a weight of 3 GB and not the weight', async () => {
  const parts = { outputs: [{ name: 'logits', type: 1, dims: ['batch', 1] }] };
  const sizeBytes = 3_000_000_000;
  const { before, after } = onnxAroundWeight(parts, sizeBytes);
  writeFileSync(file, before);
  truncateSync(file, before.length + sizeBytes);
  const handle = openSync(file, 'r+');
  writeSync(handle, after, 0, after.length, before.length + sizeBytes);
  closeSync(handle);
  const bytesRead = countBytesRead();
  expect((await readGraph(file)).outputs).toEqual([{ name: 'logits', type: 'float32', dims: ['batch', 1] }]);
  expect(bytesRead()).toBeGreaterThan(after.length);
  expect(bytesRead()).toBeLessThan(1_000_000);
});

/** Counts what is read of files that are opened from now on. */
function countBytesRead(): () => number {
  let total = 0;
  const { open } = fsPromises;
  jest.spyOn(fsPromises, 'open').mockImplementation(async (...args) => {
    const handle = await open(...args);
    const readSome = handle.read.bind(handle) as (options: object) => ReturnType<typeof handle.read>;
    const counted = async (options: object) => {
      const result = await readSome(options);
      total += result.bytesRead;
      return result;
    };
    return Object.assign(handle, { read: counted }) as typeof handle;
  });
  return () => total;
}
