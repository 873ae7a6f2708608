import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@rerank-fleet/model-runtime';
import { fixtureModels, readFixtureManifest } from '@rerank-fleet/scoring/testing';
import type { Logger, ShutdownStep } from '@rerank-fleet/service-shell';
import { until } from '@rerank-fleet/test-support';
import { pack } from './pack-command';
import { shareWeights } from './share-weights';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'share-weights-'))));
afterEach(() => rmSync(root, { recursive: true }));

const processor = { addsInt8PairsIn16Bits: true };

/** A bundle with so many bytes of weights. */
function bundleOf(weightBytes: number): Bundle {
  const manifest = readFixtureManifest('tiny-bert', '1');
  const model = { ...manifest.files.model, sizeBytes: weightBytes };
  return { dir: join(root, 'bundle'), manifest: { ...manifest, files: { ...manifest.files, model } } };
}

const large = 20_000_000;

/** A stand-in for the worker's program: it notes its arguments, then does what a test says. */
const programs = {
  packs: `
    const files = ['model.onnx', 'model.onnx.data'].map((path) => {
      writeFileSync(join(target, path), path);
      return { path, sizeBytes: path.length, sha256: createHash('sha256').update(path).digest('hex') };
    });
    writeFileSync(join(target, 'packed.json'), JSON.stringify({ name, isUsable: true, files }));`,
  fails: `process.exit(3);`,
  hangs: `setInterval(() => undefined, 1000);`,
};

function sharing(program: keyof typeof programs, provider: 'cpu' | 'cuda' = 'cpu') {
  const main = join(root, 'main.js');
  const head = `const { appendFileSync, writeFileSync } = require('node:fs'); const { join } = require('node:path');
    const { createHash } = require('node:crypto'); const [, , command, bundle, target, name] = process.argv;
    appendFileSync(${JSON.stringify(join(root, 'asked'))}, command + ' ' + bundle + '\\n');`;
  writeFileSync(main, head + programs[program]);
  const lines: unknown[] = [];
  const write = (level: string) => (event: string, fields?: object) => lines.push([level, event, fields]);
  const logger = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, write(level)]));
  const shutdownSteps: ShutdownStep[] = [];
  const config = { PROVIDER: provider, PACKED_MODELS_DIR: join(root, 'packed') };
  const asked = () => (existsSync(join(root, 'asked')) ? readFileSync(join(root, 'asked'), 'utf8') : '');
  const share = (bundle: Bundle) =>
    shareWeights(bundle, { config, processor, main, logger: logger as unknown as Logger, shutdownSteps });
  return { share, lines, shutdownSteps, asked };
}

describe('sharing weights', () => {
  it('packs them in a process of its own, once for all starts', async () => {
    const { share, asked, lines } = sharing('packs');
    const bundle = bundleOf(large);
    const shared = await share(bundle);
    expect(shared).toEqual({ ...bundle, packedModel: expect.stringMatching(/packed\/tiny-bert@1-.+\/model\.onnx$/) });
    expect(await share(bundle)).toEqual(shared);
    expect(asked()).toBe(`pack ${bundle.dir}\n`);
    expect(lines).toEqual([['info', 'packing the weights for this processor', { weightBytes: large }]]);
  });

  it('leaves the bundle as it is and says why in one line where packing fails', async () => {
    const { share, lines } = sharing('fails');
    const bundle = bundleOf(large);
    expect(await share(bundle)).toBe(bundle);
    const fields = { reason: 'build-failed', code: '3', folder: join(root, 'packed') };
    expect(lines.slice(1)).toEqual([['warn', 'each session loads the weights for itself', fields]]);
    expect(readdirSync(join(root, 'packed'))).toEqual([]);
  });

  it.each([
    ['on a GPU, which has its own memory', 'cuda', large],
    ['of a small model', 'cpu', 1_000_000],
  ] as const)('does nothing for weights %s', async (_what, provider, weightBytes) => {
    const { share, asked, lines } = sharing('packs', provider);
    const bundle = bundleOf(weightBytes);
    expect([await share(bundle), asked(), lines]).toEqual([bundle, '', []]);
  });

  it('is ended by a shutdown', async () => {
    const { share, asked, shutdownSteps, lines } = sharing('hangs');
    const bundle = bundleOf(large);
    const sharingBundle = share(bundle);
    await until(async () => asked() !== '');
    for (const { run } of shutdownSteps) await run();
    expect(await sharingBundle).toBe(bundle);
    expect(lines.at(-1)).toMatchObject(['warn', expect.any(String), { reason: 'build-failed', code: 'SIGKILL' }]);
  });
});

describe('the command pack', () => {
  it('packs a bundle by the folder of it, under a name', async () => {
    await pack([join(fixtureModels, 'tiny-xlmr/1'), root, 'some-name']);
    expect(readdirSync(root).sort()).toEqual(['model.onnx', 'model.onnx.data', 'packed.json']);
    expect(JSON.parse(readFileSync(join(root, 'packed.json'), 'utf8'))).toMatchObject({
      name: 'some-name',
      isUsable: true,
    });
  });

  it.each([[[]], [['/no/such/bundle', tmpdir(), 'x']]])('refuses %j in one line', async (args) => {
    await expect(pack(args)).rejects.toMatchObject({ name: 'BundleError', message: expect.stringMatching(/^.+$/) });
  });
});
