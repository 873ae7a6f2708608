import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fixtureModels } from '@rerank-fleet/scoring/testing';
import { add, inspect, list, remove, verify, type CommandContext, type ExitCode, type PullOptions } from './commands';
import { onnxFile } from './onnx/testing';
import {
  brokenFiles,
  runCommand,
  expectNoBundle,
  exportFiles,
  lineOf,
  outputOf,
  defaultOptions,
  useFolder,
  writeFolder,
} from './testing';

const shipped = join(__dirname, '../../../models');
const setup = useFolder();

type Operand = (context: CommandContext, operand: string) => Promise<ExitCode>;
const run = (command: Operand, operand: string, models = setup.models) =>
  runCommand((context) => command(context, operand), models);
const added = (folder: string, options: Partial<PullOptions> = { name: 'tiny', version: '1' }) =>
  runCommand((context) => add(context, folder, { ...defaultOptions, ...options }), setup.models);
const listed = async () => outputOf(await runCommand(list, setup.models)).split('\n');

/** A folder with the export of tiny-bert, and one without a part of it. */
const exported = () => writeFolder(join(setup.folder, 'export'), exportFiles('tiny-bert', '1'));
/** Puts the bundle of tiny-bert into the models folder, golden scores and all. */
async function install(version = '1'): Promise<string> {
  outputOf(await added(exported(), { name: 'tiny', version }));
  return join(setup.models, 'tiny', version);
}

describe('add', () => {
  it('makes a bundle of a folder, whose revision is the checksum of its graph', async () => {
    outputOf(await added(exported(), { name: 'tiny', licence: 'MIT' }));
    const [version = ''] = readdirSync(join(setup.models, 'tiny'));
    expect(version).toMatch(/^\d{8}$/);
    const manifest = JSON.parse(readFileSync(join(setup.models, 'tiny', version, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      name: 'tiny',
      version,
      aliases: [],
      licence: 'MIT',
      source: 'local/tiny',
      revision: 'sha256:8a828f1e6483',
    });
  });

  it('takes a folder of links, as caches of other programs are', async () => {
    const blobs = exported();
    const snapshot = join(setup.folder, 'snapshot');
    mkdirSync(join(snapshot, 'onnx'), { recursive: true });
    for (const name of readdirSync(blobs)) {
      symlinkSync(join(blobs, name), join(snapshot, name.endsWith('.onnx') ? 'onnx' : '.', name));
    }
    symlinkSync(join(blobs, 'absent'), join(snapshot, 'dangling.onnx'));
    symlinkSync(blobs, join(snapshot, 'folder.onnx'));
    outputOf(await added(snapshot));
    expect(existsSync(join(setup.models, 'tiny/1/model.onnx'))).toBe(true);
  });

  it('leaves the folder as it is', async () => {
    const folder = exported();
    await install();
    expect(readdirSync(folder).sort()).toEqual(Object.keys(exportFiles('tiny-bert', '1')).sort());
  });

  it.each([
    ['without a name', () => added(exported(), {}), /^give the bundle a name: --name NAME$/],
    ['of no folder', () => added(join(setup.folder, 'absent')), /^there is no folder .*absent$/],
    ['of a file', () => added(join(exported(), 'model.onnx')), /^there is no folder .*model\.onnx$/],
    [
      'of an empty folder',
      () => added(writeFolder(setup.folder, {})),
      /: it contains neither an ONNX file nor model\.safetensors/,
    ],
    ['of a broken export', () => added(writeFolder(setup.folder, brokenFiles('nan-weights'))), /are not numbers/],
    [
      'with a name that leaves the folder',
      () => added(exported(), { name: '../x' }),
      /^--name may contain only letters/,
    ],
  ])('%s is refused in one line and leaves no bundle', async (_name, adding, line) => {
    expect(lineOf(await adding())).toMatch(line);
    await expectNoBundle(setup.models);
  });
});

describe('list', () => {
  it('has a row for each version, a broken one with what is wrong', async () => {
    await install('1');
    const broken = await install('2');
    truncateSync(join(broken, 'model.onnx'), 1_000);
    writeFolder(setup.models, { 'stray/1/a.txt': Buffer.from('a') });
    const [head, first, second, third, ...rest] = await listed();
    expect(head).toMatch(/^name +version +head +dtype +against fp32 +tokens +MB +licence +source$/);
    expect(first).toMatch(/^stray +1 +broken: .*manifest\.json is missing/);
    expect(second).toMatch(/^tiny +1 +sequence-classification +float32 +- +512 +0\.9 +unknown +local\/tiny$/);
    expect(third).toMatch(/^tiny +2 +broken: .*model\.onnx is cut short: 1000 bytes/);
    expect(rest).toEqual(['']);
  });

  it('says that there is none', async () => {
    await expectNoBundle(setup.models);
  });

  it('keeps to one row what a manifest says in several lines', async () => {
    const folder = await install();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"unknown"', '"MIT\\n\\u001b[31m or so"'));
    expect((await listed())[1]).toMatch(/ MIT \[31m or so +local\/tiny$/);
  });
});

describe('inspect', () => {
  const shown = [
    'IR version 8; operator sets ai.onnx 17',
    'inputs:',
    '  input_ids  int64 [batch_size, sequence_length]',
    '  attention_mask  int64 [batch_size, sequence_length]',
    '  token_type_ids  int64 [batch_size, sequence_length]',
    'outputs:',
    '  logits  float32 [batch_size, 1]',
    'operators: Constant 55, Add 22, ',
  ].join('\n');

  it('shows the graph of a bundle', async () => {
    const path = join(fixtureModels, 'tiny-bert/1/model.onnx');
    expect(outputOf(await run(inspect, 'tiny-bert', fixtureModels))).toMatch(`${path}\n${shown}`);
    expect(outputOf(await run(inspect, 'tiny-bert@1', fixtureModels))).toMatch(shown);
  });

  it('shows a graph by its path, whatever is beside it', async () => {
    expect(outputOf(await run(inspect, join(fixtureModels, 'tiny-bert/1/model.onnx')))).toMatch(shown);
    const folder = writeFolder(setup.folder, brokenFiles('missing-external-data'));
    expect(outputOf(await run(inspect, join(folder, 'model.onnx')))).toMatch(
      'weights in other files:\n  model.onnx_data, 16416 bytes\noperators: ',
    );
  });

  it('names the domain of each operator set and of each operator', async () => {
    const output = outputOf(await run(inspect, 'tiny-qwen3@gqa', fixtureModels));
    expect(output).toMatch(/operator sets ai\.onnx 17, com\.microsoft 1\n/);
    expect(output).toMatch(/com\.microsoft:GroupQueryAttention 2/);
  });

  it('shows no name that would steer a terminal', async () => {
    const inputs = [{ name: 'a\u001b[2J\nb', type: 7, dims: ['n\r'] }];
    const folder = writeFolder(setup.folder, { 'a.onnx': onnxFile({ inputs }) });
    expect(outputOf(await run(inspect, join(folder, 'a.onnx')))).toMatch('inputs:\n  a [2J b  int64 [n ]\noutputs:\n');
  });

  it.each([
    ['a file that is no graph', 'page.onnx', /page\.onnx is no ONNX file: it is not protobuf$/],
    ['a file that is not there', 'absent.onnx', /^there is no file .*absent\.onnx$/],
    ['a folder', 'folder.onnx', /^there is no file .*folder\.onnx$/],
    ['a bundle that is not there', 'absent', /^no bundle ".*" in .*; there is no bundle in it\./],
  ])('says in one line that it was given %s', async (_what, name, line) => {
    const page = brokenFiles('html-error-page')['model.onnx'] ?? Buffer.alloc(0);
    writeFolder(setup.folder, { 'page.onnx': page, 'folder.onnx/a': page });
    expect(lineOf(await run(inspect, name === 'absent' ? name : join(setup.folder, name)))).toMatch(line);
  });
});

describe('verify', () => {
  it('finds a bundle right as it was installed', async () => {
    await install();
    expect(outputOf(await run(verify, 'tiny'))).toMatch(
      /^tiny@1: 3 files have the sizes and checksums of the manifest\ntiny@1: 4 golden scores match within the manifest's tolerance: largest difference \S+ raw, \S+ score; mean \S+ raw\n$/,
    );
  });

  it('finds the default bundle right, whose raw scores are those before calibration', async () => {
    expect(outputOf(await run(verify, 'multilingual-e5-small', shipped))).toMatch(/: 20 golden scores match within/);
  });

  /** Changes each golden case. */
  async function withGolden(change: (one: { raw: number; score: number }, index: number) => object): Promise<void> {
    const path = join(await install(), 'golden.json');
    const golden = JSON.parse(readFileSync(path, 'utf8')) as { cases: { raw: number; score: number }[] };
    writeFileSync(
      path,
      JSON.stringify({ ...golden, cases: golden.cases.map((one, index) => ({ ...one, ...change(one, index) })) }),
    );
  }

  it.each([
    ['one raw', ({ raw }: { raw: number }, index: number) => (index === 0 ? { raw: raw + 0.0015 } : {})],
    ['score', ({ score }: { score: number }) => ({ score: score + 0.01 })],
    ['mean', ({ raw }: { raw: number }) => ({ raw: raw + 0.0008 })],
  ])('fails where golden scores are others: %s', async (_what, change) => {
    await withGolden(change);
    expect(lineOf(await run(verify, 'tiny'))).toMatch(/^tiny@1: its 4 golden scores have changed: largest /);
  });

  it('fails where a golden case does not fit', async () => {
    await withGolden(() => ({ query: 'word '.repeat(600) }));
    expect(lineOf(await run(verify, 'tiny'))).toMatch(/does not fit: The query is \d+ tokens long/);
  });

  it.each(['model.onnx', 'tokenizer.json'])('fails where %s is damaged', async (file) => {
    const path = join(await install(), file);
    const content = readFileSync(path);
    content[500] = (content[500] ?? 0) ^ 1;
    writeFileSync(path, content);
    expect(lineOf(await run(verify, 'tiny'))).toMatch(new RegExp(`${file.replace('.', '\\.')} has the sha256 `));
  });

  it('fails where a file is too long', async () => {
    appendFileSync(join(await install(), 'tokenizer_config.json'), ' ');
    expect(lineOf(await run(verify, 'tiny'))).toMatch(/tokenizer_config\.json is too long/);
  });

  it.each(['', '{', '{"cases":[]}', '{"cases":[{"query":"a"}]}'])('fails where golden.json is %j', async (content) => {
    writeFileSync(join(await install(), 'golden.json'), content);
    expect(lineOf(await run(verify, 'tiny'))).toBe('tiny@1: its golden.json is not complete');
  });

  it('says that there are no golden scores', async () => {
    expect(outputOf(await run(verify, 'tiny-qwen3@kv', fixtureModels))).toMatch(
      /\ntiny-qwen3@kv: it has no golden\.json, so its scores cannot be compared\n$/,
    );
  });

  it('says that there is no such bundle, and which there are', async () => {
    expect(lineOf(await run(verify, 'absent', fixtureModels))).toMatch(/there are: tiny-bert, tiny-qwen3, tiny-xlmr/);
    expect(lineOf(await run(verify, 'tiny-bert@7', fixtureModels))).toMatch(/it has: 1/);
  });
});

describe('verify with --reference', () => {
  const byReference = (context: CommandContext) => verify(context, 'tiny', { isReferenceWanted: true });

  it('lists known differences of transformers.js, and finds a bundle right all the same', async () => {
    await install();
    const output = outputOf(await runCommand(byReference, setup.models));
    expect(output).toMatch(/\ntiny@1: text 4 "": token \d+ is 3, in transformers\.js absent \(known: /);
    expect(output).toMatch(/\ntiny@1: 38 rows compared with transformers\.js: 0 differences and 2 known differences\n/);
    expect(output).toMatch(/\ntiny@1: largest score difference with the same ids \S+\n$/);
  });

  it('ends with 1 where a difference is not known', async () => {
    const path = join(await install(), 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { template: object };
    writeFileSync(path, JSON.stringify({ ...manifest, template: { ...manifest.template, documentTypeId: 0 } }));
    rmSync(join(setup.models, 'tiny/1/golden.json'));
    const result = await runCommand(byReference, setup.models);
    expect(lineOf(result)).toBe('tiny@1: its token ids or scores differ from those of transformers.js, see above');
    expect(result.stdout).toMatch(/\ntiny@1: text 1 "Mars\.": score 0\.\d{6}, in transformers\.js 0\.\d{6}\n/);
  });
});

describe('remove', () => {
  /** Bundles as far as removing looks at them. */
  const put = (...folders: string[]) =>
    writeFolder(setup.models, Object.fromEntries(folders.map((one) => [`${one}/manifest.json`, Buffer.from('{}')])));

  it('removes a bundle with its folder and what was put aside for it, and no other', async () => {
    put('tiny/1', 'tinier/1');
    writeFolder(setup.models, { '.pull/tiny@2/a.part': Buffer.from('a'), '.pull/other@1/a.part': Buffer.from('a') });
    expect(outputOf(await run(remove, 'tiny'))).toBe(`removed ${join(setup.models, 'tiny/1')}\n`);
    expect(readdirSync(setup.models).sort()).toEqual(['.pull', 'tinier']);
    expect(readdirSync(join(setup.models, '.pull'))).toEqual(['other@1']);
  });

  it('asks which of several versions, and removes that one', async () => {
    put('tiny/1', 'tiny/2');
    expect(lineOf(await run(remove, 'tiny'))).toBe('which version of tiny? There are: 1, 2');
    expect(readdirSync(join(setup.models, 'tiny'))).toEqual(['1', '2']);
    outputOf(await run(remove, 'tiny@1'));
    expect(readdirSync(join(setup.models, 'tiny'))).toEqual(['2']);
    outputOf(await run(remove, 'tiny@2'));
    expect(readdirSync(setup.models)).toEqual([]);
  });

  it.each(['multilingual-e5-small', 'multilingual-e5-small@1'])('refuses the shipped bundle: %s', async (name) => {
    cpSync(join(shipped, 'multilingual-e5-small/1/manifest.json'), join(setup.models, 'multilingual-e5-small/1/m'));
    expect(lineOf(await run(remove, name))).toBe(
      'multilingual-e5-small is part of this repository and cannot be removed',
    );
    expect(existsSync(join(setup.models, 'multilingual-e5-small/1/m'))).toBe(true);
  });

  it.each(['absent', 'tiny@7', 'tiny@', 'tiny@..', '..', '.', '', '.pull', '../models'])(
    'refuses %j and leaves all as it is',
    async (name) => {
      put('tiny/1', '.pull/tiny@1');
      expect(lineOf(await run(remove, name))).toMatch(/^no (bundle|version) /);
      expect(existsSync(join(setup.models, 'tiny/1/manifest.json'))).toBe(true);
      expect(existsSync(join(setup.models, '.pull/tiny@1/manifest.json'))).toBe(true);
    },
  );
});
