import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import type { CausalYesNoManifest, Manifest, SequenceClassificationManifest } from '@rerank-fleet/scoring';
import { fixtureModels, type FixtureName } from '@rerank-fleet/scoring/testing';
import { lastTokensInput, writeLastTokenGraph } from '../onnx/last-token';
import { fixtureConfigs } from '../recognise/testing';
import { useFolder } from '../testing';
import { compareWithReference, type Comparison } from './compare';

const setup = useFolder();

/** A copy of a tiny model with the config.json that transformers.js needs. */
async function copyOf(name: FixtureName, version: string, folder = 'models'): Promise<Bundle> {
  const dir = join(setup.folder, folder, name, version);
  cpSync(join(fixtureModels, name, version), dir, { recursive: true });
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...fixtureConfigs[name], num_hidden_layers: 2 }));
  return loadBundle(dir);
}

async function comparing(...args: Parameters<typeof compareWithReference>): Promise<Comparison> {
  const result = await compareWithReference(...args);
  if (!result.ok) throw new Error(result.message);
  return result.comparison;
}

/** Documents of differences, each once. */
const documentsOf = ({ differences }: Comparison): string[] => [
  ...new Set(differences.map(({ document }) => document)),
];

const golden = [{ query: 'What is a red panda?', document: 'The red panda is a small mammal. 小熊猫' }];

describe('the ids and scores of transformers.js are ours', () => {
  it.each<[FixtureName, string, string[]]>([
    ['tiny-bert', '1', ['']],
    [
      'tiny-xlmr',
      '1',
      [
        '',
        '👩\u200d👩\u200d👧\u200d👦 family',
        'a\u0301\u0323\u0302\u0316 b\u0327\u0301',
        `a${'\u0301'.repeat(100)}`,
        'ｶﾀｶﾅ ｶﾞ',
        'a\u200bb\u200cc\u200dd\u2060e',
      ],
    ],
    ['tiny-qwen3', 'plain', []],
    ['tiny-qwen3', 'kv', []],
    ['tiny-qwen3', 'gqa', []],
    ['tiny-qwen3', 'fp16', []],
  ])('of %s, %s, but for what is known of transformers.js', async (name, version, known) => {
    const comparison = await comparing(await copyOf(name, version), { golden });
    expect(comparison.differences.filter((one) => one.known === undefined)).toEqual([]);
    expect(documentsOf(comparison)).toEqual(known);
    expect(comparison).toMatchObject({ rows: 35, cutRows: 0, scores: { kind: 'compared' } });
    expect(comparison.scores).toMatchObject({ largest: expect.closeTo(0, 4) });
  });

  it('of a graph with the logits of the last token alone', async () => {
    const { dir, manifest } = await copyOf('tiny-qwen3', 'gqa');
    expect(await writeLastTokenGraph(join(dir, 'model.onnx'), join(dir, 'lean.onnx'))).toBe(true);
    const inputs = { ...(manifest as CausalYesNoManifest).inputs, lastTokens: lastTokensInput };
    const files = { ...manifest.files, model: { ...manifest.files.model, path: 'lean.onnx' } };
    const lean = { dir, manifest: { ...manifest, inputs, files } as Manifest };
    expect(await comparing(lean, { golden })).toMatchObject({ differences: [], scores: { kind: 'compared' } });
  });
});

describe('a difference is reported', () => {
  it('of a token that has another id in our tokenizer.json, with its first place and both ids', async () => {
    const bundle = await copyOf('tiny-bert', '1');
    const ours = await copyOf('tiny-bert', '1', 'changed');
    const path = join(ours.dir, 'tokenizer.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as { model: { vocab: Record<string, number> } };
    const { vocab } = json.model;
    const [a = 0, b = 0] = [vocab['a'], vocab['b']];
    writeFileSync(path, JSON.stringify({ ...json, model: { ...json.model, vocab: { ...vocab, a: b, b: a } } }));
    const pairs = [
      { query: 'b', document: 'c' },
      { query: 'c', document: 'a' },
      { query: 'c', document: 'd' },
    ];
    const { differences } = await comparing(ours, { golden: pairs, folder: bundle.dir });
    const ofGolden = differences.filter(({ index, what }) => index < pairs.length && what.kind === 'ids');
    // [CLS] query [SEP] document [SEP]
    expect(ofGolden).toMatchObject([
      { index: 0, document: 'c', known: undefined, what: { position: 1, ours: a, theirs: b } },
      { index: 1, document: 'a', known: undefined, what: { position: 3, ours: b, theirs: a } },
    ]);
  });

  it('of a score beyond the tolerance where the ids are the same: a manifest with other token types', async () => {
    const { dir, manifest } = await copyOf('tiny-bert', '1');
    const { template } = manifest as SequenceClassificationManifest;
    const wrong = { ...manifest, template: { ...template, documentTypeId: 0 } } as Manifest;
    const { differences, scores } = await comparing({ dir, manifest: wrong }, { golden });
    expect(differences[0]).toMatchObject({ index: 0, known: undefined, what: { kind: 'score' } });
    expect(scores.kind === 'compared' && scores.largest).toBeGreaterThan(manifest.tolerance.golden.score);
  });

  it('and a row that is cut here is not compared', async () => {
    const long = [{ query: 'q', document: 'word '.repeat(600) }];
    expect(await comparing(await copyOf('tiny-bert', '1'), { golden: long })).toMatchObject({ rows: 34, cutRows: 1 });
  });
});

describe('what transformers.js cannot do is reported', () => {
  it.each<[FixtureName, string, string]>([
    ['tiny-qwen3', 'seqcls', 'transformers.js cannot run it: Unsupported model type: qwen3'],
  ])('of %s, %s, whose ids are compared all the same', async (name, version, reason) => {
    const comparison = await comparing(await copyOf(name, version), { golden });
    expect(comparison).toMatchObject({ rows: 35, differences: [], scores: { kind: 'absent', reason } });
  });

  it('of a bundle without config.json', async () => {
    const bundle = await copyOf('tiny-bert', '1');
    rmSync(join(bundle.dir, 'config.json'));
    const { scores } = await comparing(bundle, { golden });
    expect(scores).toEqual({
      kind: 'absent',
      reason: expect.stringMatching(/^transformers.js cannot run it: .*config/),
    });
  });

  it('where it is not installed, as in an image', async () => {
    jest.doMock('@huggingface/transformers', () => {
      throw new Error('Cannot find module');
    });
    const message = 'transformers.js cannot be loaded: run the command in a checkout, after npm ci';
    const bundle = await copyOf('tiny-bert', '1');
    await jest.isolateModulesAsync(async () => {
      expect(await compareWithReference(bundle, { golden })).toEqual({ ok: false, message });
    });
    jest.dontMock('@huggingface/transformers');
  });

  it('of a tokenizer that is not there', async () => {
    const bundle = await copyOf('tiny-bert', '1');
    expect(await compareWithReference(bundle, { golden, folder: join(setup.folder, 'absent') })).toEqual({
      ok: false,
      message: expect.stringMatching(/^transformers.js cannot read its tokenizer: .+$/),
    });
  });
});

it('costs other commands nothing: transformers.js is not loaded with them', () => {
  const loaded = `Object.keys(require.cache).filter((path) => path.includes('@huggingface/transformers')).length`;
  const script = `require(${JSON.stringify(join(__dirname, '../commands.ts'))}); console.log(${loaded})`;
  const args = ['--conditions=@rerank-fleet/source', '--import', 'tsx', '-e', script];
  expect(execFileSync(process.execPath, args, { cwd: join(__dirname, '../../../..'), encoding: 'utf8' })).toBe('0\n');
});
