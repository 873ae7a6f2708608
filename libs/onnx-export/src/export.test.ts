import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Root } from 'protobufjs';
import { exportModel } from './export';
import onnxSchema from './onnx/onnx.json';
import { DiskError, ExportError } from './errors/export-error';

const fixtures = join(__dirname, '../fixtures');
const answers = { yes: 266, no: 257 };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'export-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const configOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(fixtures, name, 'config.json'), 'utf8')) as Record<string, unknown>;

const exported = (name: string, config: unknown, given: { answers?: typeof answers } = { answers }) =>
  exportModel(join(fixtures, name), { folder, graph: 'model.onnx', data: 'model.onnx.data', config, ...given });

const qwen = 'qwen3-causal';
const bert = 'bert-cross-encoder';

test.each<[string, Record<string, unknown>, string]>([
  [qwen, { hidden_size: 32 }, 'has the shape [1026, 64], but by config.json it is [1026, 32]'],
  [qwen, { num_hidden_layers: 3 }, 'there is no tensor "model.layers.2.input_layernorm.weight"'],
  [qwen, { num_hidden_layers: 1e12 }, 'there is no tensor "model.layers.2.input_layernorm.weight"'],
  [qwen, { num_hidden_layers: 1 }, '"model.layers.1.input_layernorm.weight" has no place'],
  [qwen, { num_attention_heads: 2 }, 'q_proj.weight" has the shape [64, 64]'],
  [qwen, { head_dim: 15 }, 'head_dim'],
  [qwen, { head_dim: 1e15 }, 'head_dim'],
  [qwen, { vocab_size: '1026' }, 'vocab_size'],
  [qwen, { hidden_act: 'gelu' }, 'hidden_act'],
  [qwen, { attention_bias: true }, 'attention_bias'],
  [qwen, { use_sliding_window: true }, 'use_sliding_window'],
  [qwen, { layer_types: ['full_attention', 'sliding_attention'] }, 'layer_types.1'],
  [qwen, { rope_scaling: { type: 'yarn', factor: 4 } }, 'rope_scaling'],
  [qwen, { rope_parameters: { rope_theta: 1e6, rope_type: 'yarn' } }, 'rope_parameters.rope_type'],
  [qwen, { rope_theta: undefined }, 'neither rope_theta nor rope_parameters'],
  [qwen, { tie_word_embeddings: false }, 'there is no tensor "lm_head.weight"'],
  ['qwen3-seqcls', { id2label: { 0: 'a', 1: 'b' } }, '2 labels; one is needed'],
  [bert, { id2label: undefined, num_labels: undefined }, '2 labels; one is needed'],
  [bert, { num_hidden_layers: 1 }, '"bert.encoder.layer.1.attention.output.LayerNorm.bias" has no place'],
  [bert, { num_attention_heads: 7 }, 'hidden_size is not a multiple'],
  [bert, { position_embedding_type: 'relative_key' }, 'position_embedding_type'],
  [bert, { is_decoder: true }, 'is_decoder'],
  [bert, { hidden_act: 'gelu_new' }, 'hidden_act'],
  [bert, { max_position_embeddings: 128 }, 'position_embeddings.weight" has the shape [512, 64]'],
  ['roberta-cross-encoder', { type_vocab_size: 2 }, 'token_type_embeddings.weight" has the shape [1, 64]'],
  ['xlmr-cross-encoder', { architectures: ['XLMRobertaForTokenClassification'] }, 'none of the architectures'],
  ['xlmr-cross-encoder', { architectures: undefined }, 'none of the architectures'],
  ['xlmr-cross-encoder', { architectures: ['toString'] }, 'none of the architectures'],
])('%s with %j is refused in one line and leaves no file', async (name, change, reason) => {
  const error: unknown = await exported(name, { ...configOf(name), ...change }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ExportError);
  expect((error as Error).message).toContain(reason);
  expect((error as Error).message).not.toContain('\n');
  expect(readdirSync(folder)).toEqual([]);
});

test.each([null, 'text', 7, []])('a config.json that is %j is refused', async (config) => {
  await expect(exported(bert, config)).rejects.toThrow('none of the architectures');
});

test('a language model is refused without its answers', async () => {
  await expect(exported(qwen, configOf(qwen), {})).rejects.toThrow('the ids of its answers');
});

test('a config.json in the style of transformers 5 gives the same graph', async () => {
  const { rope_theta, torch_dtype, ...rest } = configOf(qwen);
  const written = async (config: unknown): Promise<Buffer[]> => {
    await exported(qwen, config);
    return ['model.onnx', 'model.onnx.data'].map((file) => readFileSync(join(folder, file)));
  };
  const old = await written(configOf(qwen));
  const style5 = { ...rest, dtype: torch_dtype, rope_parameters: { rope_theta, rope_type: 'default' } };
  expect(await written({ ...style5, layer_types: ['full_attention', 'full_attention'] })).toEqual(old);
});

interface ReadModel {
  graph: { initializer: { externalData: { key: string; value: string }[] }[] };
}

test('weights begin at pages of the data file, so that they can be mapped into memory', async () => {
  const { dataBytes } = await exported(bert, configOf(bert));
  const type = Root.fromJSON(onnxSchema).lookupType('onnx.ModelProto');
  const { graph } = type.decode(readFileSync(join(folder, 'model.onnx'))) as unknown as ReadModel;
  const places = graph.initializer.flatMap(({ externalData }) => externalData).filter(({ key }) => key === 'offset');
  expect(places.length).toBeGreaterThan(30);
  expect(places.filter(({ value }) => Number(value) % 4096 !== 0)).toEqual([]);
  expect(readFileSync(join(folder, 'model.onnx.data'))).toHaveLength(dataBytes);
});

test('a disk that becomes full is one line', async () => {
  symlinkSync('/dev/full', join(folder, 'model.onnx.data'));
  const error: unknown = await exported(bert, configOf(bert)).catch((thrown: unknown) => thrown);
  expect(error).toEqual(new DiskError(`model.onnx.data cannot be written in ${folder} (ENOSPC)`));
});
