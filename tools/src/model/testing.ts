import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fixtureModels, type FixtureName } from '@rerank-fleet/scoring/testing';
import { parseConfig } from '@rerank-fleet/service-shell';
import { list, type CommandContext, type ExitCode, type PullOptions } from './commands';
import { modelToolSchema } from './config';
import { type FakeHub, type FakeRepo, startFakeHub } from './hub/testing';
import { fixtureConfigs } from './recognise/testing';

const fixtures = join(fixtureModels, '..');

/** Folder of tiny models as their owners publish them. */
export const safetensorsFixtures = join(__dirname, '../../../libs/onnx-export/fixtures');

/** Default options of `pull` and `add`. */
export const defaultOptions: PullOptions = { maxLengthTokens: 8_192 };

/** The exit code and the output of a command. */
export interface CommandOutcome {
  code: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs a command in a models folder. */
export async function runCommand(
  command: (context: CommandContext) => Promise<ExitCode>,
  modelsDir: string,
  { env = {}, signal = new AbortController().signal, download }: RunOptions = {},
): Promise<CommandOutcome> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const code = await command({
    config: parseConfig(modelToolSchema, { MODELS_DIR: modelsDir, PROVIDER: 'cpu', ...env }),
    terminal: { stdout: stream('stdout'), stderr: stream('stderr'), signal },
    download: { retryWaitMs: 1, ...download },
  });
  return { code, ...written };
}

export interface RunOptions {
  env?: Record<string, string>;
  signal?: AbortSignal;
  download?: CommandContext['download'];
}

/** The error line of a failed command, which must be its only line on stderr. */
export function lineOf({ code, stderr }: CommandOutcome): string {
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^model: .+\n$/) });
  return stderr.slice('model: '.length, -1);
}

/** The output of a successful command. */
export function outputOf({ code, stdout, stderr }: CommandOutcome): string {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** The files of a tiny model with a config.json. */
export function exportFiles(name: FixtureName, version: string): Record<string, Buffer> {
  const read = (file: string) => readFileSync(join(fixtureModels, name, version, file));
  return {
    'config.json': Buffer.from(JSON.stringify(fixtureConfigs[name])),
    'model.onnx': read('model.onnx'),
    'tokenizer.json': read('tokenizer.json'),
    'tokenizer_config.json': read('tokenizer_config.json'),
  };
}

/** The files of an export with one of the broken graphs and the tokenizer of the tiny Qwen3. */
export function brokenFiles(name: string): Record<string, Buffer> {
  const data = join(fixtures, 'bad', name, 'model.onnx_data');
  return {
    ...exportFiles('tiny-qwen3', 'seqcls'),
    'model.onnx': readFileSync(join(fixtures, 'bad', name, 'model.onnx')),
    ...(existsSync(data) && { 'model.onnx_data': readFileSync(data) }),
  };
}

/** Other files of most repositories. They must not be downloaded. */
const others: Record<string, Buffer> = {
  'README.md': Buffer.from('---\nlicense: mit\n---\n'),
  'modeling_custom.py': Buffer.from('import os; os.system("touch /tmp/executed")'),
  'pytorch_model.bin': Buffer.from('\x80\x02cos\nsystem\n(S"touch /tmp/executed"\ntR.'),
  'onnx/model_fp16.onnx_data': Buffer.from('of another variant'),
};

/** A repository with an export in the folder onnx, like most repositories. */
export function repositoryOf(files: Record<string, Buffer>): FakeRepo {
  const placed = Object.entries(files).map(([path, content]): [string, Buffer] => [
    path.startsWith('model') ? `onnx/${path}` : path,
    content,
  ]);
  const lfs = placed.map(([path]) => path).filter((path) => path.startsWith('onnx/'));
  return { files: { ...Object.fromEntries(placed), ...others }, lfs, licence: 'mit' };
}

/** A copy of a tiny model in a folder, with other weights. `change` may write to the values of each float32 tensor. */
export function copyWithWeights(
  name: string,
  folder: string,
  change: (name: string, values: Float32Array, shape: readonly number[]) => void,
): string {
  cpSync(join(safetensorsFixtures, name), folder, { recursive: true });
  const path = join(folder, 'model.safetensors');
  const bytes = readFileSync(path);
  const data = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, data)) as Record<string, StoredTensor>;
  for (const [tensor, { shape = [], data_offsets: [from, to] = [0, 0] }] of Object.entries(header)) {
    const values = new Float32Array(new Uint8Array(bytes.subarray(data + from, data + to)).buffer);
    change(tensor, values, shape);
    bytes.set(new Uint8Array(values.buffer), data + from);
  }
  writeFileSync(path, bytes);
  return folder;
}

/** An entry of the header of safetensors. `__metadata__` has neither. */
interface StoredTensor {
  shape?: number[];
  data_offsets?: [number, number];
}

/** Creates a folder and writes files into it. */
export function writeFolder(folder: string, files: Record<string, Buffer>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Creates a folder per test. The models folder in it does not exist yet. */
export function useFolder() {
  const setup = { folder: '', models: '' };
  beforeEach(() => {
    setup.folder = mkdtempSync(join(tmpdir(), 'model-test-'));
    setup.models = join(setup.folder, 'models');
  });
  afterEach(() => rmSync(setup.folder, { recursive: true }));
  return setup;
}

/** Creates a folder for all tests of a group. */
export function useSharedFolder() {
  const setup = { folder: '', models: '' };
  beforeAll(() => {
    setup.folder = mkdtempSync(join(tmpdir(), 'model-test-'));
    setup.models = join(setup.folder, 'models');
  });
  afterAll(() => rmSync(setup.folder, { recursive: true }));
  return setup;
}

/** Starts a hub per test, with repositories that the test may change. */
export function useHub(repositories: () => Record<string, FakeRepo>) {
  const setup = {} as { hub: FakeHub; repos: Record<string, FakeRepo> };
  beforeEach(async () => {
    setup.repos = repositories();
    setup.hub = await startFakeHub(setup.repos);
  });
  afterEach(() => setup.hub.close());
  return setup;
}

/** The requested paths, without repetitions, in order. */
export function askedFor({ requests }: FakeHub): string[] {
  const paths = requests.map(({ url }) => /\/resolve\/[^/]+\/([^?]+)/.exec(url)?.[1]);
  return [...new Set(paths)].filter((path) => path !== undefined);
}

/** Expects no bundle and no other file in the models folder, apart from staging folders. */
export async function expectNoBundle(models: string): Promise<void> {
  expect(outputOf(await runCommand(list, models))).toBe(`no bundle in ${models}\n`);
  if (existsSync(models)) expect(readdirSync(models).filter((name) => name !== '.pull')).toEqual([]);
}
