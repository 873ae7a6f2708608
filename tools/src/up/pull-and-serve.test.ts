import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureModels } from '@rerank-fleet/scoring/testing';
import { aliases } from '../model/aliases';
import { startFakeHub, type FakeHub } from '../model/hub/testing';

const root = join(__dirname, '../../..');
const exportFolder = join(fixtureModels, 'tiny-qwen3/gqa');
const config = { model_type: 'qwen3', vocab_size: 1_026, max_position_embeddings: 4_096, pad_token_id: 1_000 };

const published = join(root, 'libs/onnx-export/fixtures/qwen3-causal');

let hub: FakeHub;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pull-and-serve-'));
  const read = (file: string) => readFileSync(join(exportFolder, file));
  hub = await startFakeHub({
    [aliases['qwen3-reranker-0.6b']?.original ?? '']: {
      licence: 'apache-2.0',
      lfs: ['onnx/model_quantized.onnx'],
      files: {
        'onnx/model_quantized.onnx': read('model.onnx'),
        'tokenizer.json': read('tokenizer.json'),
        'tokenizer_config.json': read('tokenizer_config.json'),
        'config.json': Buffer.from(JSON.stringify(config)),
      },
    },
    'Qwen/Tiny-Reranker': {
      licence: 'apache-2.0',
      lfs: readdirSync(published).filter((file) => file.endsWith('.safetensors')),
      files: Object.fromEntries(readdirSync(published).map((file) => [file, readFileSync(join(published, file))])),
    },
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** Runs the built launcher to its end. */
function runUp(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(root, 'dist/tools/up.js'), '--once'], {
    env: { PATH: process.env['PATH'], TMPDIR: folder, PORT: '0', BOARD_PORT: '0', QUALITY_PROBE: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

it('MODEL=<name> pulls a known model, serves it and ranks both examples, and finds it there the next time', async () => {
  const env = { MODEL: 'qwen3-reranker-0.6b', MODELS_DIR: join(folder, 'models'), HF_ENDPOINT: hub.url };
  const first = await runUp(env);
  expect(first.output).toMatch(/^installed qwen3-reranker-0\.6b@\d{8}-[0-9a-f]{7}-quantized in /m);
  expect(first.output.match(/^1\. 0\.\d{4} \S/gm)).toHaveLength(2);
  expect(first.code).toBe(0);
  const requests = hub.requests.length;
  const second = await runUp(env);
  expect(second.output.match(/^1\. 0\.\d{4} \S/gm)).toHaveLength(2);
  expect(second.code).toBe(0);
  expect(hub.requests).toHaveLength(requests);
}, 120_000);

it.each([
  ['a repository of its owner', 'Qwen/Tiny-Reranker', 'tiny-reranker@\\d{8}-[0-9a-f]{7}-fp32'],
  ['a folder with its files', published, 'qwen3-causal@\\d{8}-fp32'],
])(
  'MODEL=%s writes the graph from safetensors, serves it and ranks both examples',
  async (_what, model, bundle) => {
    const up = await runUp({ MODEL: model, MODELS_DIR: join(folder, 'written'), HF_ENDPOINT: hub.url });
    expect(up.output).toMatch(new RegExp(`^installed ${bundle} in `, 'm'));
    expect(up.output.match(/^1\. 0\.\d{4} \S/gm)).toHaveLength(2);
    expect(up.code).toBe(0);
  },
  120_000,
);
