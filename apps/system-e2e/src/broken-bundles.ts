import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fixtures = join(__dirname, '../../../libs/scoring/fixtures');
const externalDataBytes = 16_416;

/** Parts of a bundle, and how it is broken. */
interface Origin {
  /** Folder of its graph under `bad`. Default: the name of the bundle. */
  graph?: string;
  /** Source bundle of its tokenizer. Default: the tiny Qwen3. */
  tokenizer?: string;
  /** Whether its weights are in a second file. */
  hasExternalData?: boolean;
  /** Breaks the files after the manifest is written. */
  damage?(folder: string): Promise<void>;
}

const cutTo = (file: string, bytes: number) => (folder: string) => truncate(join(folder, file), bytes);
const replacedBy = (graph: string) => (folder: string) =>
  copyFile(join(fixtures, 'bad', graph, 'model.onnx'), join(folder, 'model.onnx'));

/** The broken bundles by name. All other bundles have a broken graph. */
const origins: Record<string, Origin> = {
  'truncated-file': { graph: 'good', damage: cutTo('model.onnx', 10_159) },
  'empty-file': { graph: 'good', damage: cutTo('model.onnx', 0) },
  'lfs-pointer': { graph: 'good', damage: replacedBy('lfs-pointer') },
  'html-error-page': { graph: 'good', damage: replacedBy('html-error-page') },
  'checksum-mismatch': { graph: 'good', damage: replacedBy('nan-weights') },
  'missing-external-data': { hasExternalData: true, damage: (folder) => rm(join(folder, 'model.onnx_data')) },
  'external-data-too-short': { hasExternalData: true, damage: cutTo('model.onnx_data', 8_208) },
  'tokenizer-zero-bytes': { graph: 'good', damage: cutTo('tokenizer.json', 0) },
  'tokenizer-truncated': { graph: 'good', damage: cutTo('tokenizer.json', 18_207) },
  'tokenizer-other-model': { graph: 'good', tokenizer: 'tiny-bert/1' },
};

/**
 * Writes the bundle `<name>/1` into a folder of models: a graph with the tokenizer and the prompt of the tiny Qwen3, a
 * matching manifest with changes, and finally the fault.
 */
export async function writeBrokenBundle(models: string, name: string, changes: object = {}): Promise<void> {
  const folder = join(models, name, '1');
  const { graph = name, tokenizer = 'tiny-qwen3/plain', hasExternalData = false, damage } = origins[name] ?? {};
  await mkdir(folder, { recursive: true });
  await copyFile(join(fixtures, 'bad', graph, 'model.onnx'), join(folder, 'model.onnx'));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(fixtures, 'models', tokenizer, file), join(folder, file));
  }
  const files: Record<string, object> = {
    model: await entryOf(folder, 'model.onnx'),
    tokenizer: await entryOf(folder, 'tokenizer.json'),
    tokenizerConfig: await entryOf(folder, 'tokenizer_config.json'),
  };
  if (hasExternalData) {
    await writeFile(join(folder, 'model.onnx_data'), new Uint8Array(externalDataBytes));
    files['modelData'] = await entryOf(folder, 'model.onnx_data');
  }
  const manifest = JSON.parse(
    await readFile(join(fixtures, 'models/tiny-qwen3/seqcls/manifest.json'), 'utf8'),
  ) as object;
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ ...manifest, name, version: '1', files, ...changes }),
  );
  await damage?.(folder);
}

async function entryOf(folder: string, path: string): Promise<object> {
  const bytes = await readFile(join(folder, path));
  return { path, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
}
