import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundle } from '@rerank-fleet/model-runtime';
import type { FixtureName } from '@rerank-fleet/scoring/testing';
import { list, pull, verify, type PullOptions } from './commands';
import {
  askedFor,
  brokenFiles,
  runCommand,
  exportFiles,
  lineOf,
  outputOf,
  defaultOptions,
  repositoryOf,
  useFolder,
  useHub,
  type RunOptions,
} from './testing';

const repo = 'acme/reranker-ONNX';
const qwen3Repo = 'onnx-community/Qwen3-Reranker-0.6B-ONNX';
const version = '20240506-0123456';

const setup = useFolder();
const served = useHub(() => ({
  [repo]: repositoryOf(exportFiles('tiny-bert', '1')),
  [qwen3Repo]: repositoryOf(exportFiles('tiny-qwen3', 'gqa')),
}));

const pulled = (model = repo, options: Partial<PullOptions> = {}, { env, ...more }: RunOptions = {}) =>
  runCommand((context) => pull(context, model, { ...defaultOptions, ...options }), setup.models, {
    env: { HF_ENDPOINT: served.hub.url, ...env },
    ...more,
  });
const bundle = (name = 'reranker', at = version) => loadBundle(join(setup.models, name, at));

describe('pull', () => {
  it('makes a bundle that loads, of a version that says from when and of which commit its files are', async () => {
    const output = outputOf(await pulled());
    expect(output).toContain(`installed reranker@${version} in ${join(setup.models, 'reranker', version)}\n`);
    expect((await bundle()).manifest).toMatchObject({
      name: 'reranker',
      version,
      aliases: [repo],
      licence: 'mit',
      source: repo,
      revision: served.hub.commit,
      head: 'sequence-classification',
      maxLengthTokens: 512,
      files: { model: { path: 'model.onnx' } },
      tolerance: { golden: { raw: 0.001 } },
    });
  });

  it('says what it found, the licence, and four scores', async () => {
    const output = outputOf(await pulled());
    expect(output).toContain(`pulling ${repo}@main from 127.0.0.1:`);
    expect(output).toContain('recognised: sequence-classification, float32\n');
    expect(output).toContain('licence: mit; rows of up to 512 tokens\n');
    expect(output.match(/^ {2}0\.\d{4} {2}\S/gm)).toHaveLength(4);
    expect(output).toContain('serve it: MODEL=reranker bash tools/up.sh\n');
  });

  it.each([
    ['tiny-xlmr', '1', 'sequence-classification'],
    ['tiny-qwen3', 'plain', 'causal-yes-no'],
    ['tiny-qwen3', 'kv', 'causal-yes-no'],
    ['tiny-qwen3', 'gqa', 'causal-yes-no'],
    ['tiny-qwen3', 'fp16', 'causal-yes-no'],
    ['tiny-qwen3', 'seqcls', 'sequence-classification'],
  ] as [FixtureName, string, string][])('makes a bundle of %s, %s whose scores are right', async (name, of, head) => {
    served.repos[repo] = repositoryOf(exportFiles(name, of));
    outputOf(await pulled());
    expect((await bundle()).manifest.head).toBe(head);
    const verified = await runCommand((context) => verify(context, 'reranker'), setup.models);
    expect(outputOf(verified)).toContain(`reranker@${version}: 4 golden scores match within`);
  });

  it("takes the export of an alias, whose bundle answers to the model's own name and to its export's", async () => {
    outputOf(await pulled('Qwen3-Reranker-0.6B', { from: 'onnx' }));
    expect((await bundle('qwen3-reranker-0.6b')).manifest).toMatchObject({
      aliases: ['Qwen/Qwen3-Reranker-0.6B', qwen3Repo],
      licence: 'Apache-2.0',
      source: qwen3Repo,
    });
  });

  it('keeps of a language model a graph that gives logits of last tokens alone, in place of the fetched one', async () => {
    const output = outputOf(await pulled('Qwen3-Reranker-0.6B', { from: 'onnx' }));
    expect(output).toContain('; logits of the last token only\n');
    const { dir, manifest } = await bundle('qwen3-reranker-0.6b');
    expect(manifest).toMatchObject({
      inputs: { lastTokens: 'rerank_last_tokens' },
      files: { model: { path: 'model-last-token.onnx' } },
    });
    expect(readdirSync(dir)).not.toContain('model.onnx');
  });

  it('takes weights beside the graph, and only those of this graph', async () => {
    const weights = Float32Array.from({ length: 4_104 }, (_, index) => (index % 97) / 97 - 0.5);
    const files = { ...brokenFiles('missing-external-data'), 'model.onnx_data': Buffer.from(weights.buffer) };
    served.repos[repo] = repositoryOf(files);
    outputOf(await pulled());
    const { manifest } = await bundle();
    expect(manifest.files).toMatchObject({ modelData: { path: 'model.onnx_data', sizeBytes: 16_416 } });
    expect(askedFor(served.hub)).toContain('onnx/model.onnx_data');
    expect(askedFor(served.hub)).not.toContain('onnx/model_fp16.onnx_data');
  });

  it('asks for the graph and three JSON files only: no code of a repository comes to this machine', async () => {
    outputOf(await pulled());
    expect(askedFor(served.hub).sort()).toEqual([
      'config.json',
      'onnx/model.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(readdirSync(join(setup.models, 'reranker', version)).sort()).toEqual([
      ...['config.json', 'golden.json', 'manifest.json', 'model.onnx', 'tokenizer.json', 'tokenizer_config.json'],
    ]);
  });

  it('takes the quantized graph unless another is wanted, and names it in the version', async () => {
    const { files = {} } = served.repos[repo] ?? {};
    files['onnx/model_quantized.onnx'] = files['onnx/model.onnx'] ?? Buffer.alloc(0);
    outputOf(await pulled());
    outputOf(await pulled(repo, { variant: 'fp32' }));
    expect((await bundle('reranker', `${version}-quantized`)).manifest.files.model.path).toBe('model_quantized.onnx');
    expect((await bundle()).manifest.files.model.path).toBe('model.onnx');
    expect(lineOf(await pulled(repo, { variant: 'q4' }))).toBe(
      `${repo}: it has no q4 file; there is: onnx/model.onnx, onnx/model_quantized.onnx`,
    );
  });

  it('takes a name, a version, a licence and a length', async () => {
    outputOf(await pulled(repo, { name: 'mine', version: '7', licence: 'Apache-2.0', maxLengthTokens: 128 }));
    const { manifest } = await bundle('mine', '7');
    expect(manifest).toMatchObject({ name: 'mine', version: '7', licence: 'Apache-2.0', maxLengthTokens: 128 });
  });

  it('takes a revision and keeps the commit that it stands for', async () => {
    outputOf(await pulled(`${repo}@refs/pr/1`));
    expect((await bundle()).manifest.revision).toBe(served.hub.commit);
  });

  it('says of a bundle that is there already that it is, and brings nothing', async () => {
    outputOf(await pulled());
    const before = served.hub.requests.length;
    const folder = join(setup.models, 'reranker', version);
    expect(outputOf(await pulled())).toContain(`already installed: reranker@${version} in ${folder}\n`);
    expect(served.hub.requests).toHaveLength(before + 2);
    outputOf(await runCommand((context) => verify(context, 'reranker'), setup.models));
  });

  it('goes on where a connection was cut', async () => {
    const part = join(setup.models, '.pull', `reranker@${version}`, 'model.onnx.part');
    const cutWhen = () => existsSync(part) && statSync(part).size >= 300_000;
    served.hub.setFault('onnx/model.onnx', { cutAfterBytes: 300_000, cutWhen, times: 1 });
    outputOf(await pulled());
    const ranges = served.hub.requests.filter(({ server }) => server === 'cdn').map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, 'bytes=300000-']);
    await bundle();
  });

  it('follows redirects of the hub', async () => {
    served.hub.setFault(repo, { redirectTo: `${served.hub.url}/api/models/${qwen3Repo}/revision/main` });
    served.hub.setFault('config.json', {
      redirectTo: `${served.hub.cdnUrl}/${qwen3Repo}/resolve/${served.hub.commit}/config.json`,
      times: 1,
    });
    outputOf(await pulled(qwen3Repo));
    expect((await bundle('qwen3-reranker-0.6b')).manifest.head).toBe('causal-yes-no');
  });

  it('sends HF_TOKEN only to the hub and never prints it', async () => {
    (served.repos[repo] ?? { gatedToken: '' }).gatedToken = 'hf_very_secret';
    const run = await pulled(repo, {}, { env: { HF_TOKEN: 'hf_very_secret' } });
    const seen = (server: string) =>
      new Set(served.hub.requests.filter((one) => one.server === server).map((one) => one.headers.authorization));
    expect(seen('hub')).toEqual(new Set(['Bearer hf_very_secret']));
    expect(seen('cdn')).toEqual(new Set([undefined]));
    const folder = join(setup.models, 'reranker', version);
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect([outputOf(run), ...written].join('')).not.toContain('hf_very_secret');
    const refused = await pulled(repo, { version: '2' }, { env: { HF_TOKEN: 'hf_wrong_secret' } });
    expect(lineOf(refused) + refused.stdout).not.toContain('secret');
  });

  it('has its bundles in the list', async () => {
    outputOf(await pulled());
    outputOf(await pulled('qwen3-reranker-0.6b', { from: 'onnx' }));
    const [, first, second] = outputOf(await runCommand(list, setup.models)).split('\n');
    expect(first).toMatch(
      /^qwen3-reranker-0\.6b +20240506-0123456 +causal-yes-no +float32 +- +4096 +0\.9 +Apache-2\.0 +onnx-community\/Qwen3-Reranker-0\.6B-ONNX$/,
    );
    expect(second).toMatch(
      /^reranker +20240506-0123456 +sequence-classification +float32 +- +512 +0\.9 +mit +acme\/reranker-ONNX$/,
    );
  });
});
