import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundle } from '@rerank-fleet/model-runtime';
import { pull, verify, type PullOptions } from './commands';
import type { FakeRepo } from './hub/testing';
import {
  askedFor,
  defaultOptions,
  expectNoBundle,
  exportFiles,
  lineOf,
  outputOf,
  runCommand,
  safetensorsFixtures,
  useFolder,
  useHub,
} from './testing';

const repo = 'acme/reranker';
const version = '20240506-0123456-fp32';
const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const index = 'model.safetensors.index.json';

/** The files of a tiny model as its owner publishes them, and a pickle that must not be read. */
function published(name = 'qwen3-causal', change: Record<string, Buffer | undefined> = {}): FakeRepo {
  const folder = join(safetensorsFixtures, name);
  const names = readdirSync(folder).filter((file) => file !== 'cases.json');
  const files = {
    ...Object.fromEntries(names.map((file) => [file, readFileSync(join(folder, file))])),
    'pytorch_model.bin': Buffer.from('\x80\x02cos\nsystem\n(S"touch /tmp/executed"\ntR.'),
    'modeling_custom.py': Buffer.from('import os; os.system("touch /tmp/executed")'),
    ...change,
  };
  const kept = Object.entries(files).flatMap(([file, content]) => (content ? [[file, content] as const] : []));
  const lfs = kept.map(([file]) => file).filter((file) => file.endsWith('.safetensors'));
  return { files: Object.fromEntries(kept), lfs, licence: 'mit' };
}

const setup = useFolder();
const served = useHub(() => ({ [repo]: published() }));
const pulled = (options: Partial<PullOptions> = {}) =>
  runCommand((context) => pull(context, repo, { ...defaultOptions, ...options }), setup.models, {
    env: { HF_ENDPOINT: served.hub.url },
  });

it('makes a bundle of the shards of a repository, whose scores are right', async () => {
  expect(outputOf(await pulled())).toContain('writing its graph (fp32) from 2 files of safetensors\n');
  const { dir, manifest } = await loadBundle(join(setup.models, 'reranker', version));
  expect(manifest).toMatchObject({
    head: 'sequence-classification',
    dtype: 'float32',
    source: repo,
    revision: served.hub.commit,
    files: { model: { path: 'model.onnx' }, modelData: { path: 'model.onnx.data' } },
  });
  expect(readdirSync(dir).sort()).toEqual([
    ...['config.json', 'golden.json', 'manifest.json', 'model.onnx', 'model.onnx.data'],
    ...['tokenizer.json', 'tokenizer_config.json'],
  ]);
  const verified = await runCommand((context) => verify(context, 'reranker'), setup.models);
  expect(outputOf(verified)).toContain('4 golden scores match within');
});

it('fetches the weights and three JSON files only: no code and no pickle', async () => {
  outputOf(await pulled());
  const json = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
  expect(askedFor(served.hub).sort()).toEqual([...json, ...shards, index].sort());
});

const both = { 'onnx/model.onnx': exportFiles('tiny-bert', '1')['model.onnx'] };

it("takes the owner's safetensors of a repository that has both, and the export where it is wanted", async () => {
  served.repos[repo] = published('bert-cross-encoder', both);
  outputOf(await pulled());
  expect(askedFor(served.hub)).not.toContain('onnx/model.onnx');
  outputOf(await pulled({ from: 'onnx' }));
  expect(readdirSync(join(setup.models, 'reranker')).sort()).toEqual(['20240506-0123456', version]);
});

it('takes the export of a repository that has both where the architecture is not known', async () => {
  const { 'config.json': json = Buffer.alloc(0) } = published('bert-cross-encoder').files;
  const unknown = { ...(JSON.parse(json.toString()) as object), architectures: ['BertForMagic'] };
  served.repos[repo] = published('bert-cross-encoder', {
    ...both,
    'config.json': Buffer.from(JSON.stringify(unknown)),
  });
  outputOf(await pulled());
  expect(askedFor(served.hub)).not.toContain('model.safetensors');
});

it('says which variant it takes and why', async () => {
  expect(outputOf(await pulled())).toContain(
    'variant fp32: the model is so small that fewer bits gain nothing (--variant takes another)\n',
  );
  expect(outputOf(await pulled({ variant: 'fp32', version: '2' }))).not.toContain('--variant');
});

it('goes on with the shards that are there after one could not be fetched', async () => {
  served.hub.setFault(shards[1], { status: 404, times: 1 });
  expect(lineOf(await pulled())).toContain(shards[1]);
  await expectNoBundle(setup.models);
  served.hub.requests.length = 0;
  outputOf(await pulled());
  expect(askedFor(served.hub)).not.toContain(shards[0]);
});

it('a disk that becomes full while int8 is measured is one line, and the next try makes the bundle', async () => {
  const folder = join(setup.models, '.pull', `reranker@${version.replace('fp32', 'int8')}`, 'exact');
  mkdirSync(folder, { recursive: true });
  symlinkSync('/dev/full', join(folder, 'model.onnx.data'));
  expect(lineOf(await pulled({ variant: 'int8' }))).toMatch(/: model\.onnx\.data cannot be written in .* \(ENOSPC\)$/);
  await expectNoBundle(setup.models);
  expect(outputOf(await pulled({ variant: 'int8' }))).toContain('against fp32 on 60 pairs');
});

it('weights that were downloaded for a variant that is refused are not downloaded again for fp32', async () => {
  const large = Buffer.from(readFileSync(join(safetensorsFixtures, 'qwen3-seqcls/model.safetensors')));
  large.writeFloatLE(1e5, 8 + Number(large.readBigUInt64LE(0)));
  served.repos[repo] = published('qwen3-seqcls', { 'model.safetensors': large });
  expect(lineOf(await pulled({ variant: 'fp16' }))).toMatch(/which float16 cannot hold: use --variant fp32$/);
  await expectNoBundle(setup.models);
  served.hub.requests.length = 0;
  outputOf(await pulled({ variant: 'fp32' }));
  expect(askedFor(served.hub)).not.toContain('model.safetensors');
  expect(readdirSync(join(setup.models, '.pull'))).toEqual([]);
});

const bytesOf = (file: string) => readFileSync(join(safetensorsFixtures, 'qwen3-causal', file));
const config = (change: object) =>
  Buffer.from(JSON.stringify({ ...(JSON.parse(bytesOf('config.json').toString()) as object), ...change }));
const indexOf = (map: Record<string, string>) => Buffer.from(JSON.stringify({ weight_map: map }));

/** The first shard with the bits of a bfloat16 as its first two values. */
function withBits(bits: number): Buffer {
  const bytes = Buffer.from(bytesOf(shards[0]));
  const data = 8 + Number(bytes.readBigUInt64LE(0));
  bytes.writeUInt16LE(bits, data);
  bytes.writeUInt16LE(bits, data + 2);
  return bytes;
}
/** The first shard with another end of its first tensor. */
function withOffset(end: number): Buffer {
  const bytes = bytesOf(shards[0]);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { data_offsets?: number[] }>;
  const [first] = Object.values(header).filter(({ data_offsets: offsets }) => offsets);
  first?.data_offsets?.splice(1, 1, end);
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, bytes.subarray(8 + length)]);
}

it.each<[string, Record<string, Buffer | undefined>, RegExp]>([
  ['no safetensors', { [index]: undefined }, /neither an ONNX file nor .*; its pickles are not read/],
  [
    'a shard that is missing',
    { [shards[1]]: undefined },
    /has no model-00002-of-00002\.safetensors, which .*index\.json names$/,
  ],
  [
    'a shard that is cut',
    { [shards[0]]: bytesOf(shards[0]).subarray(0, -2) },
    /is cut short: 148174 bytes, 148176 are needed$/,
  ],
  [
    'an LFS pointer',
    { [shards[0]]: Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n') },
    /LFS pointer|not a safetensors file/,
  ],
  ['a web page', { [shards[0]]: Buffer.from('<!DOCTYPE html><html></html>') }, /web page|not a safetensors file/],
  ['an index that names a path outside', { [index]: indexOf({ a: '../../x.safetensors' }) }, /which is not a shard$/],
  [
    'an index that names no tensor of its files',
    { [index]: indexOf({ absent: shards[0] }) },
    /names the tensor "absent"/,
  ],
  ['an index that is not JSON', { [index]: Buffer.from('{') }, /has no weight_map/],
  [
    'sizes that lie',
    { 'config.json': config({ intermediate_size: 64 }) },
    /gate_proj\.weight" has the shape \[128, 64\], but by config\.json/,
  ],
  [
    'fewer layers than weights',
    { 'config.json': config({ num_hidden_layers: 1 }) },
    /"model\.layers\.1\..*" has no place/,
  ],
  ['a size without end', { 'config.json': config({ head_dim: 1e15 }) }, /config\.json: head_dim: Too big/],
  ['a config.json that is a web page', { 'config.json': Buffer.from('<html>') }, /config\.json is not complete JSON/],
  ['a value that is not a number', { [shards[0]]: withBits(0x7fc0) }, /holds a value that is not a number$/],
  ['an infinite value', { [shards[0]]: withBits(0xff80) }, /holds a value that is not a number$/],
  ['an offset beyond the file', { [shards[0]]: withOffset(1e15) }, /has offsets that do not fit its shape$/],
  [
    'another architecture',
    { 'config.json': config({ architectures: ['LlamaForCausalLM'] }) },
    /names none of the architectures .*: use an ONNX export$/,
  ],
])('a repository with %s is refused in one line and leaves nothing', async (_what, change, line) => {
  const staged = join(setup.models, '.pull');
  served.repos[repo] = published('qwen3-causal', change);
  expect(lineOf(await pulled())).toMatch(line);
  await expectNoBundle(setup.models);
  expect(existsSync(staged) ? readdirSync(staged) : []).toEqual([]);
});

it('after refused files right ones of the same commit are taken', async () => {
  served.repos[repo] = published('qwen3-causal', { [shards[0]]: bytesOf(shards[0]).subarray(0, -2) });
  lineOf(await pulled());
  served.repos[repo] = published();
  outputOf(await pulled());
});
