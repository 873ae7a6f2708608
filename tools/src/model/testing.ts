import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** What `pull` and `add` are given when nothing is said. */
export const plain: PullOptions = { maxLengthTokens: 8_192 };

/** How a command ended and all that it said. */
export interface Ended {
  code: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs a command in a models folder. `more` is of the environment. */
export async function ended(
  command: (context: CommandContext) => Promise<ExitCode>,
  modelsDir: string,
  { env = {}, signal = new AbortController().signal, download }: RunOptions = {},
): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString();
        done();
      },
    });
  const code = await command({
    config: parseConfig(modelToolSchema, { MODELS_DIR: modelsDir, ...env }),
    terminal: { stdout: stream('stdout'), stderr: stream('stderr'), signal },
    download: { retryWaitMs: 1, ...download },
  });
  return { code, ...said };
}

export interface RunOptions {
  env?: Record<string, string>;
  signal?: AbortSignal;
  download?: CommandContext['download'];
}

/** The line of a command that failed, which has to be all that it says of it. */
export function lineOf({ code, stderr }: Ended): string {
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^model: .+\n$/) });
  return stderr.slice('model: '.length, -1);
}

/** What a command said that went well. */
export function outputOf({ code, stdout, stderr }: Ended): string {
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

/** The files of an export with one of the broken graphs, which go with the tokenizer of the tiny Qwen3. */
export function brokenFiles(name: string): Record<string, Buffer> {
  const data = join(fixtures, 'bad', name, 'model.onnx_data');
  return {
    ...exportFiles('tiny-qwen3', 'seqcls'),
    'model.onnx': readFileSync(join(fixtures, 'bad', name, 'model.onnx')),
    ...(existsSync(data) && { 'model.onnx_data': readFileSync(data) }),
  };
}

/** Beside an export in most repositories; must not be asked for. */
const others: Record<string, Buffer> = {
  'README.md': Buffer.from('---\nlicense: mit\n---\n'),
  'modeling_custom.py': Buffer.from('import os; os.system("touch /tmp/executed")'),
  'pytorch_model.bin': Buffer.from('\x80\x02cos\nsystem\n(S"touch /tmp/executed"\ntR.'),
  'onnx/model_fp16.onnx_data': Buffer.from('of another variant'),
};

/** A repository with an export in the folder onnx, as most have it. */
export function repositoryOf(files: Record<string, Buffer>): FakeRepo {
  const placed = Object.entries(files).map(([path, content]): [string, Buffer] => [
    path.startsWith('model') ? `onnx/${path}` : path,
    content,
  ]);
  const lfs = placed.map(([path]) => path).filter((path) => path.startsWith('onnx/'));
  return { files: { ...Object.fromEntries(placed), ...others }, lfs, licence: 'mit' };
}

/** Writes files into a folder, which is made. */
export function writeFolder(folder: string, files: Record<string, Buffer>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A folder for each test of a file, with a models folder in it that is not there yet. */
export function useFolder() {
  const place = { folder: '', models: '' };
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'model-test-'));
    place.models = join(place.folder, 'models');
  });
  afterEach(() => rmSync(place.folder, { recursive: true }));
  return place;
}

/** A hub for each test of a file, with repositories that a test may change. */
export function useHub(repositories: () => Record<string, FakeRepo>) {
  const place = {} as { hub: FakeHub; repos: Record<string, FakeRepo> };
  beforeEach(async () => {
    place.repos = repositories();
    place.hub = await startFakeHub(place.repos);
  });
  afterEach(() => place.hub.close());
  return place;
}

/** The paths that were asked for, once each, in order. */
export function askedFor({ requests }: FakeHub): string[] {
  const paths = requests.map(({ url }) => /\/resolve\/[^/]+\/([^?]+)/.exec(url)?.[1]);
  return [...new Set(paths)].filter((path) => path !== undefined);
}

/** Looks that there is no bundle, and nothing else that is not put aside. */
export async function expectNoBundle(models: string): Promise<void> {
  expect(outputOf(await ended(list, models))).toBe(`no bundle in ${models}\n`);
  if (existsSync(models)) expect(readdirSync(models).filter((name) => name !== '.pull')).toEqual([]);
}
