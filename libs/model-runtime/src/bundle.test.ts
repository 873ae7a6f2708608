import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '@rerank-fleet/scoring';
import { loadBundle, openEncoder, tokenBudgetOf } from './index';

const manifestPath = join(__dirname, '../../../models/multilingual-e5-small/1/manifest.json');

let models: string;
let dir: string;

beforeEach(async () => {
  models = await mkdtemp(join(tmpdir(), 'bundles-'));
  dir = join(models, 'tiny', '1');
  await writeBundle({
    'model.onnx': 'm'.repeat(1_000),
    'tokenizer.json': '{"model":{}}',
    'tokenizer_config.json': '{}',
  });
});
afterEach(() => rm(models, { recursive: true }));

const roles = { model: 'model.onnx', tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' };

/** A bundle of small files whose manifest is right about them. */
async function writeBundle(contents: Record<string, string>): Promise<void> {
  await mkdir(dir, { recursive: true });
  const entries = Object.entries(roles).map(async ([role, path]) => {
    const content = contents[path] ?? '';
    await writeFile(join(dir, path), content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [role, { path, sha256, sizeBytes: Math.max(1, content.length) }] as const;
  });
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
  const files = Object.fromEntries(await Promise.all(entries));
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ ...manifest, name: 'tiny', files }));
}

const expectRefusal = async (folder: string, message: RegExp) => {
  const loading = loadBundle(folder);
  await expect(loading).rejects.toThrow(message);
  await expect(loading).rejects.toMatchObject({ name: 'BundleError', message: expect.stringMatching(/^.+$/) });
};

describe('loadBundle', () => {
  test('loads a bundle whose files are as the manifest says', async () => {
    await expect(loadBundle(dir)).resolves.toMatchObject({ dir, manifest: { name: 'tiny', version: '1' } });
  });

  test('names the models that exist when asked for another', async () => {
    await mkdir(join(models, 'other'));
    await expectRefusal(join(models, 'wrong', '1'), /no model wrong in .*; there is: other, tiny$/);
  });

  test('names the versions that exist when asked for another', () =>
    expectRefusal(join(models, 'tiny', '2'), /no version 2 in .*tiny; there is: 1$/));

  test('says that the models folder itself is missing', () =>
    expectRefusal(join(models, 'no', 'such', 'place'), /no folder .*place: set the path/));

  test('refuses a folder without a manifest', async () => {
    await rm(join(dir, 'manifest.json'));
    await expectRefusal(dir, /manifest\.json is missing/);
  });

  test('refuses a manifest that is not JSON, without quoting it', async () => {
    await writeFile(join(dir, 'manifest.json'), '{"secret');
    await expectRefusal(dir, /manifest\.json is not complete JSON: download it again$/);
  });

  test('names the field of a manifest that is wrong', async () => {
    await writeFile(join(dir, 'manifest.json'), '{"head":"late-interaction"}');
    await expectRefusal(dir, /manifest\.json: formatVersion: /);
  });

  test('refuses a file that is missing', async () => {
    await rm(join(dir, 'tokenizer.json'));
    await expectRefusal(dir, /tokenizer\.json is missing: download/);
  });

  test.each(['model.onnx', 'tokenizer.json'])('refuses an empty %s', async (file) => {
    await truncate(join(dir, file), 0);
    await expectRefusal(dir, new RegExp(`${file} is empty: download it again$`));
  });

  test('refuses a file that is cut short, with both sizes', async () => {
    await truncate(join(dir, 'model.onnx'), 600);
    await expectRefusal(dir, /model\.onnx is cut short: 600 bytes, the manifest says 1000/);
  });

  test('refuses a file that is too long, with both sizes', async () => {
    await writeFile(join(dir, 'model.onnx'), 'm'.repeat(1_001));
    await expectRefusal(dir, /model\.onnx is too long: 1001 bytes, the manifest says 1000/);
  });

  test('recognises a Git LFS pointer', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 16932\n`;
    await writeFile(join(dir, 'model.onnx'), pointer);
    await expectRefusal(dir, /model\.onnx is a Git LFS pointer, .*\(16932 bytes\): run git lfs pull$/);
  });

  test('recognises a saved web page', async () => {
    await writeFile(join(dir, 'model.onnx'), '<!doctype html><html><title>401 Unauthorized</title></html>');
    await expectRefusal(dir, /model\.onnx is a saved web page .*: log in or accept the licence/);
  });

  test('refuses a file of the right size with another checksum', async () => {
    await writeFile(join(dir, 'model.onnx'), 'x'.repeat(1_000));
    await expectRefusal(dir, /model\.onnx has the sha256 [0-9a-f]{64}, the manifest says [0-9a-f]{64}/);
  });
});

describe('openEncoder', () => {
  const open = async () => openEncoder(await loadBundle(dir));

  test('refuses a tokenizer that is not complete, without quoting it', async () => {
    await writeBundle({
      'model.onnx': 'm',
      'tokenizer.json': '{"model":{"vocab":[["secret',
      'tokenizer_config.json': '{}',
    });
    await expect(open()).rejects.toThrow(/tokenizer\.json is not complete JSON: download it again$/);
  });

  test('refuses a tokenizer of another kind', async () => {
    await expect(open()).rejects.toThrow(/tokenizer\.json: it lacks model\.type: see Tokenizers in docs/);
  });
});

describe('tokenBudgetOf', () => {
  const withBudget = async (tokenBudget: Manifest['tokenBudget']) => {
    const bundle = await loadBundle(dir);
    return { ...bundle, manifest: { ...bundle.manifest, tokenBudget } };
  };

  test("is the provider's own, never that of another", async () => {
    const bundle = await withBudget({ cpu: 256, cuda: 8_192 });
    expect([tokenBudgetOf(bundle, 'cpu'), tokenBudgetOf(bundle, 'cuda')]).toEqual([256, 8_192]);
  });

  test('refuses a provider that the bundle is not made for, in one line with those that it is made for', async () => {
    const bundle = await withBudget({ cpu: 256 });
    expect(() => tokenBudgetOf(bundle, 'cuda')).toThrow(
      /manifest\.json: the bundle tiny@1 is made for cpu, not for cuda: set PROVIDER=cpu, or MODEL to a bundle with a .+$/,
    );
  });
});
