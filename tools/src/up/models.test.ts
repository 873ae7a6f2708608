import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideModels, type ModelsContext } from './models';
import { Interrupted } from './waiting';

let root: string;
let said: string[];

/** Stands in for the tool that pulls: it notes what it was asked for, and obeys the name. */
const modelTool = `
const { appendFileSync, mkdirSync } = require('node:fs');
const [command, model] = process.argv.slice(2);
appendFileSync(process.env.ASKED, command + ' ' + model + '\\n');
if (model.includes('fails')) { console.error('model: no such repository'); process.exit(1); }
if (model.includes('hangs')) { process.on('SIGTERM', () => process.exit(1)); console.log('pulling'); setInterval(() => undefined, 1000); }
else {
  const name = model.split('@')[0].split('/').pop().toLowerCase();
  const folder = process.env.MODELS_DIR + '/' + name + '/1';
  mkdirSync(folder, { recursive: true });
  console.log('installed ' + name + '@1 in ' + folder);
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

it('pulls nothing for bundles that are there, and none without models', async () => {
  expect(await provideModels(['shipped', 'shipped@1'], context())).toEqual(['shipped', 'shipped@1']);
  expect(await provideModels([], context())).toEqual([]);
  expect(asked()).toEqual([]);
});

it('pulls an alias or a repository that is missing, shows what the pull says, and names the bundle that came', async () => {
  const wanted = ['bge-reranker-base', 'Acme/Ranker', 'shipped'];
  expect(await provideModels(wanted, context())).toEqual(['bge-reranker-base@1', 'ranker@1', 'shipped']);
  expect(asked()).toEqual(['pull bge-reranker-base', 'pull Acme/Ranker']);
  expect(said.map((line) => line.split(' in ')[0])).toEqual(['installed bge-reranker-base@1', 'installed ranker@1']);
});

it('does not pull again what was pulled before, unless a revision is asked for', async () => {
  await provideModels(['Acme/Ranker'], context());
  expect(await provideModels(['Acme/Ranker'], context())).toEqual(['ranker']);
  expect(asked()).toHaveLength(1);
  // which commit that is, only the hub knows: the version that the pull names is served, and not a newer one
  expect(await provideModels(['Acme/Ranker@main'], context())).toEqual(['ranker@1']);
  expect(asked()).toHaveLength(2);
});

it('ends with one message where a pull fails, and says of an unknown name what there is and what could be pulled', async () => {
  await expect(provideModels(['acme/fails'], context())).rejects.toThrow('acme/fails could not be pulled');
  await expect(provideModels(['nonsense'], context())).rejects.toThrow(
    /there are: shipped.*owner\/name, or one of: qwen3/,
  );
});

it('ends a pull that is under way when the launcher is told to stop', async () => {
  const stop = new AbortController();
  const say = () => stop.abort();
  await expect(provideModels(['acme/hangs'], context({ signal: stop.signal, say }))).rejects.toThrow(Interrupted);
  await expect(provideModels(['acme/ranker'], context({ signal: stop.signal }))).rejects.toThrow(Interrupted);
});
