import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideModels, type ModelsContext } from './models';
import { Interrupted } from './waiting';

let root: string;
let said: string[];

/** A fake `model pull`: it records its argument, and the name decides what it does. */
const modelTool = `
const { appendFileSync, existsSync, mkdirSync } = require('node:fs');
const [command, model, ...more] = process.argv.slice(2);
appendFileSync(process.env.ASKED, [command, model, ...more].join(' ') + '\\n');
if (model.includes('fails')) { console.error('model: no such repository'); process.exit(1); }
if (model.includes('hangs')) { process.on('SIGTERM', () => process.exit(1)); console.log('pulling'); setInterval(() => undefined, 1000); }
else {
  const name = model.split('@')[0].split('/').pop().toLowerCase();
  const folder = process.env.MODELS_DIR + '/' + name + '/1';
  console.log((existsSync(folder) ? 'already installed: ' : 'installed ') + name + '@1 in ' + folder);
  mkdirSync(folder, { recursive: true });
}
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'up-models-'));
  said = [];
  mkdirSync(join(root, 'dist/tools'), { recursive: true });
  mkdirSync(join(root, 'models/shipped/1'), { recursive: true });
  writeFileSync(join(root, 'dist/tools/model.js'), modelTool);
  writeFileSync(join(root, 'asked.txt'), '');
  process.env['ASKED'] = join(root, 'asked.txt');
});
afterEach(() => {
  delete process.env['ASKED'];
  rmSync(root, { recursive: true });
});

const context = (changes: Partial<ModelsContext> = {}): ModelsContext => ({
  root,
  modelsDir: join(root, 'models'),
  say: (line) => said.push(line),
  signal: new AbortController().signal,
  ...changes,
});
const asked = () => readFileSync(join(root, 'asked.txt'), 'utf8').split('\n').filter(Boolean);

it('pulls nothing for installed bundles or without models', async () => {
  expect(await provideModels(['shipped', 'shipped@1'], context())).toEqual(['shipped', 'shipped@1']);
  expect(await provideModels([], context())).toEqual([]);
  expect(asked()).toEqual([]);
});

it('pulls an alias or a repository that is missing, shows the output of the pull, and returns the bundle', async () => {
  const wanted = ['bge-reranker-base', 'Acme/Ranker', 'shipped'];
  expect(await provideModels(wanted, context())).toEqual(['bge-reranker-base@1', 'ranker@1', 'shipped']);
  expect(asked()).toEqual(['pull bge-reranker-base', 'pull Acme/Ranker']);
  expect(said.map((line) => line.split(' in ')[0])).toEqual(['installed bge-reranker-base@1', 'installed ranker@1']);
});

it('does not pull again what was pulled before, unless a revision is asked for', async () => {
  await provideModels(['Acme/Ranker'], context());
  expect(await provideModels(['Acme/Ranker'], context())).toEqual(['ranker']);
  expect(asked()).toHaveLength(1);
  // only the hub knows the commit of a revision: the version that the pull reports is served, not a newer one
  expect(await provideModels(['Acme/Ranker@main'], context())).toEqual(['ranker@1']);
  expect(asked()).toHaveLength(2);
});

it('adds a folder with a model under its name, once', async () => {
  const folder = join(root, 'mine/Ranker');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), '{}');
  expect(await provideModels([folder], context())).toEqual(['ranker@1']);
  expect(asked()).toEqual([`add ${folder} --name ranker`]);
  expect(await provideModels([folder], context())).toEqual(['ranker']);
  expect(asked()).toHaveLength(1);
  expect(said.at(-1)).toContain('npm run model -- remove ranker');
});

it('fails with one message when a pull fails, and lists installed and known models for an unknown name', async () => {
  await expect(provideModels(['acme/fails'], context())).rejects.toThrow('acme/fails could not be installed');
  await expect(provideModels(['nonsense'], context())).rejects.toThrow(
    /there are: shipped.*owner\/name, or one of: qwen3/,
  );
});

it('ends a running pull when the launcher must stop', async () => {
  const stop = new AbortController();
  const say = () => stop.abort();
  await expect(provideModels(['acme/hangs'], context({ signal: stop.signal, say }))).rejects.toThrow(Interrupted);
  await expect(provideModels(['acme/ranker'], context({ signal: stop.signal }))).rejects.toThrow(Interrupted);
});
