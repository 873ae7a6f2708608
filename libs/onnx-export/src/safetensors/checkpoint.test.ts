import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportError } from '../errors/export-error';
import { openCheckpoint } from './checkpoint';
import { safetensorsBytes, withHeader, writeFiles } from './testing';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const index = 'model.safetensors.index.json';
const one = { a: { shape: [2, 2], values: [1, 2, 3, 4] }, b: { shape: [1], values: [5] } };
const good = safetensorsBytes(one);
const tensor = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
const four = new Uint8Array(4);

async function refusal(files: Record<string, Uint8Array | string>): Promise<string> {
  writeFiles(folder, files);
  const error: unknown = await openCheckpoint(folder).then(
    (opened) => opened.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExportError);
  return (error as ExportError).message;
}

const values = async (name: string, shape: number[], rows: [number, number]): Promise<number[]> => {
  const opened = await openCheckpoint(folder);
  try {
    const write = await opened.tensor(name, shape).rows(...rows);
    const target = new Uint32Array(rows[1] * (shape[1] ?? 1));
    write(0, target.length, { target, at: 0, stride: 1 });
    return [...new Float32Array(target.buffer)];
  } finally {
    await opened.close();
  }
};

test('reads rows of a tensor', async () => {
  writeFiles(folder, { 'model.safetensors': good });
  expect(await values('a', [2, 2], [0, 2])).toEqual([1, 2, 3, 4]);
  expect(await values('a', [2, 2], [1, 1])).toEqual([3, 4]);
  expect(await values('b', [1], [0, 1])).toEqual([5]);
});

test('reads tensors from the shards that an index names', async () => {
  writeFiles(folder, {
    'model-1.safetensors': safetensorsBytes({ a: one.a }),
    'model-2.safetensors': safetensorsBytes({ b: one.b }),
    [index]: JSON.stringify({ weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } }),
  });
  expect(await values('a', [2, 2], [0, 2])).toEqual([1, 2, 3, 4]);
  expect(await values('b', [1], [0, 1])).toEqual([5]);
});

test('skips the metadata of a file', async () => {
  const bytes = safetensorsBytes({ b: one.b }, (header) => ({ __metadata__: { format: 'pt' }, ...header }));
  writeFiles(folder, { 'model.safetensors': bytes });
  expect(await values('b', [1], [0, 1])).toEqual([5]);
});

test.each<[string, Uint8Array, string]>([
  ['an empty file', new Uint8Array(), 'shorter than 8 bytes'],
  [
    'an LFS pointer',
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
    'not a safetensors file',
  ],
  ['an HTML page', Buffer.from('<!DOCTYPE html><html><body>Sign in</body></html>'), 'not a safetensors file'],
  ['a pickle', Buffer.from('\x80\x02cos\nsystem\n(S"touch /tmp/executed"\ntR.', 'latin1'), 'not a safetensors file'],
  ['a header longer than the file', Buffer.from([99, 0, 0, 0, 0, 0, 0, 0, 123, 125]), 'cut short'],
  ['a file without its last byte', good.subarray(0, -1), 'cut short'],
  ['a file with a byte more', Buffer.concat([good, Buffer.of(0)]), '1 bytes after its last tensor'],
  ['a header that is not JSON', withHeader('{"a":', four), 'not a JSON object'],
  ['a header that is a list', withHeader([], four), 'not a JSON object'],
  ['a header that is not UTF-8', withHeader('\ud800', four), 'not a JSON object'],
  ['a tensor without offsets', withHeader({ a: { dtype: 'F32', shape: [1] } }, four), 'no usable dtype'],
  ['a negative size', withHeader({ a: { ...tensor, shape: [-1] } }, four), 'no usable dtype'],
  ['a size that is no integer', withHeader({ a: { ...tensor, shape: [0.5] } }, four), 'no usable dtype'],
  ['an unknown type', withHeader({ a: { ...tensor, dtype: 'F8_E4M3' } }, four), 'the type "F8_E4M3"'],
  ['the name of a method as type', withHeader({ a: { ...tensor, dtype: 'toString' } }, four), 'the type "toString"'],
  ['a shape that lies', withHeader({ a: { ...tensor, shape: [2] } }, four), 'do not fit its shape'],
  [
    'a shape whose product overflows',
    withHeader({ a: { ...tensor, shape: [2 ** 52, 2 ** 52] } }, four),
    'do not fit its shape',
  ],
  ['an offset beyond the file', withHeader({ a: { ...tensor, data_offsets: [0, 4] } }, new Uint8Array(2)), 'cut short'],
  [
    'offsets that begin later',
    withHeader({ a: { ...tensor, data_offsets: [4, 8] } }, new Uint8Array(8)),
    'leaves a gap',
  ],
  ['tensors that overlap', withHeader({ a: tensor, b: tensor }, four), 'overlaps another one'],
  ['offsets in the wrong order', withHeader({ a: { ...tensor, data_offsets: [4, 0] } }, four), 'do not fit its shape'],
])('refuses %s', async (_name, bytes, reason) => {
  const message = await refusal({ 'model.safetensors': bytes });
  expect(message).toMatch(/^model\.safetensors: .+$/);
  expect(message).toContain(reason);
});

test.each<[string, Record<string, unknown> | string, string]>([
  ['is not JSON', '{', 'no weight_map'],
  ['has no map', {}, 'no weight_map'],
  ['has an empty map', { weight_map: {} }, 'names no file'],
  ['names a path outside', { weight_map: { a: '../model.safetensors' } }, 'not a shard'],
  ['names an absolute path', { weight_map: { a: '/etc/passwd' } }, 'not a shard'],
  ['names a pickle', { weight_map: { a: 'pytorch_model.bin' } }, 'not a shard'],
  ['names a shard that is missing', { weight_map: { a: 'model-9.safetensors' } }, 'there is no model-9.safetensors'],
  [
    'names a tensor that is not there',
    { weight_map: { a: 'part.safetensors', c: 'part.safetensors' } },
    '"c" in part.safetensors',
  ],
])('refuses an index that %s', async (_name, json, reason) => {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  expect(await refusal({ 'part.safetensors': good, [index]: text })).toContain(reason);
});

test('says that there are no weights', async () => {
  expect(await refusal({})).toBe('there is no model.safetensors');
});

test.each<[string, () => Promise<unknown>, string]>([
  ['a tensor that is missing', () => values('c', [1], [0, 1]), 'there is no tensor "c"'],
  ['another shape', () => values('a', [4, 1], [0, 1]), 'has the shape [2, 2], but by config.json it is [4, 1]'],
  ['integers', () => values('n', [1], [0, 1]), 'is of the type I64'],
  ['a value that is no number', () => values('nan', [2], [0, 2]), '"nan" holds a value that is not a number'],
  ['an infinite value', () => values('infinite', [1], [0, 1]), '"infinite" holds a value that is not a number'],
])('refuses to read %s', async (_name, read, reason) => {
  const bytes = safetensorsBytes({
    ...one,
    n: { shape: [1], dtype: 'I64', bytes: new Uint8Array(8) },
    nan: { shape: [2], values: [1, NaN] },
    infinite: { shape: [1], dtype: 'BF16', bytes: Uint8Array.of(0x80, 0x7f) },
  });
  writeFiles(folder, { 'model.safetensors': bytes });
  await expect(read()).rejects.toThrow(reason);
});
