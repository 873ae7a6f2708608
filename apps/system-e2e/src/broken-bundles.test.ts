import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBrokenBundle } from './broken-bundles';

const worker = join(__dirname, '../../../dist/apps/worker/main.js');

let models: string;
beforeAll(async () => (models = await mkdtemp(join(tmpdir(), 'broken-bundles-'))));
afterAll(() => rm(models, { recursive: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface WorkerRun {
  /** Kills the worker when it has printed this text. */
  killAt?: string;
  env?: Record<string, string>;
}

/** Runs the built worker until it ends or prints the given text. Its Redis does not exist. */
function runWorker(model: string, { killAt, env }: WorkerRun = {}): Promise<Ended> {
  const child = spawn(process.execPath, [worker], {
    env: {
      PATH: process.env['PATH'],
      MODELS_DIR: models,
      MODEL: model,
      SESSIONS: '1',
      OPS_PORT: '0',
      REDIS_URL: 'redis://127.0.0.1:1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (killAt !== undefined && stdout.includes(killAt)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

/** What the line for the operator must contain. */
const broken: [name: string, line: RegExp][] = [
  ['truncated-file', /model\.onnx is cut short: 10159 bytes, the manifest says 16932: download it again/],
  ['empty-file', /model\.onnx is empty: download it again/],
  ['lfs-pointer', /model\.onnx is a Git LFS pointer, not the file itself \(16932 bytes\): run git lfs pull/],
  ['html-error-page', /model\.onnx is a saved web page instead of the file: log in or accept the licence/],
  ['checksum-mismatch', /model\.onnx has the sha256 [0-9a-f]{64}, the manifest says [0-9a-f]{64}/],
  [
    'wrong-input-names',
    /has the inputs tokens, mask; the manifest names input_ids, attention_mask: map them under "inputs"/,
  ],
  ['wrong-output-name', /has the outputs scores; the manifest names logits: map them under "outputs"/],
  ['two-labels', /has 2 labels where the head sequence-classification needs 1: .*head causal-yes-no/],
  ['opset-too-new', /needs ONNX opset 99, onnxruntime \d+\.\d+\.\d+ here supports up to \d+: update onnxruntime-node/],
  ['ir-too-new', /has ONNX IR version 99, onnxruntime \d+\.\d+\.\d+ here supports up to \d+: update onnxruntime-node/],
  ['unknown-operator', /uses the operator example\.custom:FusedRerankHead, .* \(custom operators are not loaded\)/],
  ['nan-weights', /gives values that are not numbers: its weights are damaged, download it again/],
  [
    'vocabulary-too-small',
    /its embedding has 300 rows, but the tokenizer has larger ids \(\d+ was read\): they are not of the same model/,
  ],
  ['missing-external-data', /model\.onnx_data is missing: download the bundle again/],
  ['external-data-too-short', /model\.onnx_data is cut short: 8208 bytes, the manifest says 16416/],
  ['tokenizer-zero-bytes', /tokenizer\.json is empty: download it again/],
  ['tokenizer-truncated', /tokenizer\.json is cut short: 18207 bytes, the manifest says 36415: download it again/],
  [
    'tokenizer-other-model',
    /tokenizer\.json: the tokens <\|im_start\|>, <\|im_end\|>, .*are missing: it is not of the same model/,
  ],
];

describe('a worker with a broken bundle ends before it is ready, with one line about the fault', () => {
  test.each(broken)('%s', async (name, line) => {
    await writeBrokenBundle(models, name);
    const { code, stdout, stderr } = await runWorker(name);
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^worker: [^\n]+\n$/);
    expect(stdout).not.toContain('"msg":"ready"');
    expect(code).toBe(1);
  });

  test('the same graph without a fault is loaded, and the worker waits for Redis', async () => {
    await writeBrokenBundle(models, 'good');
    const { stdout, stderr } = await runWorker('good', { killAt: 'Redis is away' });
    expect(stdout).toContain('Redis is away');
    expect(stderr).toBe('');
  });
});

describe('a worker that is configured for CUDA ends before it is ready, with one line, and never falls back to the CPU', () => {
  const refusal = async (model: string): Promise<string> => {
    const { code, stdout, stderr } = await runWorker(model, { env: { PROVIDER: 'cuda' } });
    expect(stderr).toMatch(/^worker: [^\n]+\n$/);
    expect(stdout).not.toContain('"msg":"ready"');
    expect(code).toBe(1);
    return stderr;
  };

  test('when the bundle is not made for it', async () => {
    await writeBrokenBundle(models, 'good');
    expect(await refusal('good')).toMatch(
      /the bundle good@1 is made for cpu, not for cuda: set PROVIDER=cpu, or MODEL/,
    );
  });

  test('when its libraries are missing', async () => {
    await writeBrokenBundle(models, 'good', { tokenBudget: { cpu: 256, cuda: 8_192 } });
    expect(await refusal('good')).toMatch(/CUDA cannot be used \(.*providers_shared\.so.*\): install .*PROVIDER=cpu/);
  });
});
