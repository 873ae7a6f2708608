import { existsSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pull, type PullOptions } from './commands';
import type { Fault } from './hub/testing';
import { onnxFile } from './onnx/testing';
import {
  askedFor,
  brokenFiles,
  runCommand,
  expectNoBundle,
  exportFiles,
  lineOf,
  outputOf,
  defaultOptions,
  repositoryOf,
  useFolder,
  useHub,
  type RunOptions,
} from './testing';

const repo = 'acme/reranker';
const model = 'onnx/model.onnx';

const setup = useFolder();
const served = useHub(() => ({ [repo]: repositoryOf(exportFiles('tiny-bert', '1')) }));

const pulled = (wanted = repo, options: Partial<PullOptions> = {}, { env, ...more }: RunOptions = {}) =>
  runCommand((context) => pull(context, wanted, { ...defaultOptions, ...options }), setup.models, {
    env: { HF_ENDPOINT: served.hub.url, ...env },
    ...more,
  });

/** Pulls, looks that nothing is there, and gives the line that says why. */
async function refused(...args: Parameters<typeof pulled>): Promise<string> {
  const line = lineOf(await pulled(...args));
  await expectNoBundle(setup.models);
  return line;
}

describe('a pull that the hub or the network spoils leaves no bundle, and the next one makes it', () => {
  it.each<[string, [string, Fault], RegExp]>([
    [
      'wrong bytes',
      [model, { wrongBytes: true }],
      /^onnx\/model\.onnx of acme\/reranker: has the sha256 .* the hub states/,
    ],
    ['wrong bytes of a small file', ['config.json', { wrongBytes: true }], /^config\.json of .*: has the git sha1 /],
    ['a file cut again and again', [model, { cutAfterBytes: 0 }], /^onnx\/model\.onnx of .* was cut: run the same/],
    ['a Git LFS pointer', [model, { lfsPointer: true }], /^onnx\/model\.onnx of .*: a Git LFS pointer was received/],
    ['a web page', [model, { htmlPage: 'typed' }], /^onnx\/model\.onnx of .* a web page instead of the file/],
    [
      'a web page without a type',
      [model, { htmlPage: 'untyped' }],
      /^onnx\/model\.onnx of .*: a web page was received/,
    ],
    ['a redirect to itself', [model, { redirectLoop: true }], /^onnx\/model\.onnx of acme\/reranker: .*redirect/],
    ['a redirect to nowhere', ['tokenizer.json', { redirectTo: '' }], /^tokenizer\.json of acme\/reranker: .*redirect/],
    ['a file that is not there', [model, { status: 404, code: 'EntryNotFound' }], /: there is no such file in this/],
    ['a fault of the storage', [model, { storageStatus: 403 }], /to which the hub redirected, answered 403/],
    ['a fault of the hub', ['config.json', { status: 500 }], /^config\.json of .* failed \(500\): wait/],
    ['a wanted login', [repo, { status: 401 }], /^acme\/reranker: .* requires a token: set HF_TOKEN$/],
    ['an absent repository', [repo, { status: 401, code: 'RepoNotFound' }], /^acme\/reranker: there is no repository/],
    ['a repository that is not there', [repo, { status: 404 }], /^acme\/reranker: .* has no such file, revision or/],
    ['a gated repository', [repo, { status: 403, code: 'GatedRepo' }], /: access needs consent: accept the licence at/],
    ['a web page for a description', [repo, { htmlPage: 'typed' }], /^acme\/reranker: .* answered with a web page/],
    ['a description cut short', [repo, { cutAfterBytes: 50 }], /^acme\/reranker: the connection to .* was cut/],
  ])('%s', async (_name, [path, fault], line) => {
    served.hub.setFault(path, fault);
    expect(await refused()).toMatch(line);
    served.hub.setFault(path, {});
    outputOf(await pulled());
  });

  it('files that want consent', async () => {
    (served.repos[repo] ?? { gatedToken: '' }).gatedToken = 'hf_mine';
    const other = { env: { HF_TOKEN: 'hf_other' } };
    expect(await refused(repo, {}, other)).toMatch(/^config\.json of acme\/reranker: access needs consent/);
    outputOf(await pulled(repo, {}, { env: { HF_TOKEN: 'hf_mine' } }));
  });

  it('a description that is none', async () => {
    served.hub.describeAs('{"siblings":[{"rfilename":"../../etc/passwd"}]}');
    expect(await refused()).toMatch(/^acme\/reranker: .* sent /);
    served.hub.describeAs(undefined);
    outputOf(await pulled());
  });

  it('a full disk', async () => {
    const openFile: typeof open = async (...args) =>
      Object.assign(await open(...args), {
        write: async () => {
          throw Object.assign(new Error('no'), { code: 'ENOSPC', syscall: 'write' });
        },
      });
    const line = await refused(repo, {}, { download: { openFile } });
    expect(line).toMatch(/^config\.json of acme\/reranker: the disk is full, .* make room and run the same command/);
    outputOf(await pulled());
  });

  it('an interruption', async () => {
    expect(await refused(repo, {}, { signal: AbortSignal.abort() })).toBe(
      'interrupted; run the same command again to continue',
    );
    outputOf(await pulled());
  });

  it('a hub that is not there', async () => {
    const { hub } = served;
    await hub.close();
    expect(await refused()).toMatch(/^acme\/reranker: 127\.0\.0\.1:\d+ refuses the connection: check the network/);
  });
});

describe('a pull of what cannot be asked for is refused', () => {
  it.each([
    ['acme/nothing', /^acme\/nothing: there is no repository acme\/nothing at/],
    [`${repo}@nowhere`, /^acme\/reranker: there is no such revision: check the branch, tag or commit$/],
    [`${repo}@`, /^acme\/reranker: a revision is a branch, a tag or a commit/],
    ['acme/..', /^a repository is named owner\/name/],
    ['nonsense', /^no model nonsense: name a repository as owner\/name, or one of: qwen3-reranker-0\.6b, /],
    ['two\nlines', /^no model two lines: /],
  ])('%j', async (wanted, line) => {
    expect(await refused(wanted)).toMatch(line);
  });

  it('an endpoint that is none', async () => {
    expect(await refused(repo, {}, { env: { HF_ENDPOINT: 'ftp://hub' } })).toMatch(/^HF_ENDPOINT must be an http/);
  });
});

type Files = Record<string, Buffer>;

const without = (files: Files, path: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
const bert = (change: Files = {}): Files => ({ ...exportFiles('tiny-bert', '1'), ...change });
const json = (content: unknown) => Buffer.from(JSON.stringify(content));
const keptIn = (location: string) =>
  onnxFile({ weights: [{ name: 'w', external: { location, length: 8 } }], nodes: [{ type: 'Identity' }] });

describe('a repository that holds no model to be served leaves no bundle, and the next pull of a right one makes it', () => {
  it.each<[string, Files, RegExp]>([
    [
      'no ONNX file',
      without(bert(), 'model.onnx'),
      /neither an ONNX file nor .*; its pickles are not read, because they can run code$/,
    ],
    [
      'no tokenizer',
      without(bert(), 'tokenizer.json'),
      /^acme\/reranker has no tokenizer\.json, which every model needs/,
    ],
    [
      'no configuration',
      without(bert(), 'config.json'),
      /^acme\/reranker has no config\.json, which every model needs/,
    ],
    [
      'a damaged config.json',
      bert({ 'config.json': Buffer.from('{"model_ty') }),
      /: config\.json is not complete JSON: download it again$/,
    ],
    ['an unknown type', bert({ 'config.json': json({ model_type: 'clip', vocab_size: 9 }) }), /of the type "clip"/],
    ['an empty tokenizer', bert({ 'tokenizer.json': json({}) }), /cannot be served: tokenizer\.json: /],
    [
      'a stored web page',
      brokenFiles('html-error-page'),
      /a web page was received instead|is not a complete ONNX file/,
    ],
    ['a stored pointer', brokenFiles('lfs-pointer'), /Git LFS pointer|is not a complete ONNX file/],
    [
      'a graph cut short',
      brokenFiles('truncated-file'),
      /onnx\/model\.onnx is not a complete ONNX file: it is cut short$/,
    ],
    ['an empty graph', bert({ 'model.onnx': Buffer.alloc(0) }), /is not a complete ONNX file: it is empty$/],
    [
      'absent weights',
      brokenFiles('missing-external-data'),
      /keeps its weights in model\.onnx_data, which is missing$/,
    ],
    ['short weights', brokenFiles('external-data-too-short'), /which is cut short: 8208 bytes, 16416 are needed$/],
    [
      'weights elsewhere',
      bert({ 'model.onnx': keptIn('../../x') }),
      /keeps weights outside its own folder, which is not/,
    ],
    ['weights at a path', bert({ 'model.onnx': keptIn('/etc/passwd') }), /keeps weights outside its own folder/],
    [
      'weights over a file',
      bert({ 'model.onnx': keptIn('manifest.json') }),
      /in manifest\.json, which is another file/,
    ],
    ['weights over itself', bert({ 'model.onnx': keptIn('model.onnx') }), /in model\.onnx, which is another file/],
    ['two labels', brokenFiles('two-labels'), /: the output logits has 2 labels/],
    ['other inputs', brokenFiles('wrong-input-names'), /: it has the inputs tokens, mask, and lacks input_ids/],
    ['other outputs', brokenFiles('wrong-output-name'), /: it has the outputs scores, and lacks logits$/],
    ['a custom operator', brokenFiles('unknown-operator'), /: the node example\.custom:FusedRerankHead is a custom/],
    ['an opset too new', brokenFiles('opset-too-new'), /model\.onnx needs ONNX opset 99/],
    ['an IR too new', brokenFiles('ir-too-new'), /model\.onnx has ONNX IR version 99/],
    [
      'NaN weights',
      brokenFiles('nan-weights'),
      /model\.onnx gives values that are not numbers: its weights are damaged/,
    ],
    [
      'another vocabulary',
      brokenFiles('vocabulary-too-small'),
      /its embedding has \d+ rows, but the tokenizer has larger/,
    ],
  ])('%s', async (_name, files, line) => {
    served.repos[repo] = repositoryOf(files);
    expect(await refused()).toMatch(line);
    served.repos[repo] = repositoryOf(bert());
    outputOf(await pulled());
  });

  it('asks for no weights when they are elsewhere', async () => {
    served.repos[repo] = repositoryOf(bert({ 'model.onnx': keptIn('../config.json'), 'model.data': Buffer.alloc(9) }));
    await refused();
    expect(askedFor(served.hub)).toEqual(['config.json', 'tokenizer_config.json', 'tokenizer.json', model]);
  });

  it('asks for nothing large when a small file is missing', async () => {
    served.repos[repo] = repositoryOf(without(bert(), 'tokenizer_config.json'));
    await refused();
    expect(askedFor(served.hub)).toEqual([]);
  });

  it('says one line of names that would steer a terminal', async () => {
    const inputs = ['input_ids', 'attention_mask', 'a\nmodel: b\u001b[2J'].map((name) => ({
      name,
      type: 7,
      dims: [1],
    }));
    served.repos[repo] = repositoryOf(bert({ 'model.onnx': onnxFile({ inputs }) }));
    expect(await refused()).toMatch(/: the input a model: b \[2J is not supported by this version$/);
  });
});

describe('a pull with options that cannot be is refused', () => {
  it.each([
    [{ name: '../outside' }, '--name may contain only letters, digits, dots, dashes and underscores'],
    [{ name: '.pull' }, '--name may contain only letters, digits, dots, dashes and underscores'],
    [{ version: '1/2' }, '--version may contain only letters, digits, dots, dashes and underscores'],
    [{ version: '' }, '--version may contain only letters, digits, dots, dashes and underscores'],
  ])('%j', async (options, line) => {
    expect(await refused(repo, options)).toBe(line);
    expect(existsSync(setup.models)).toBe(false);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('rows too short for a pair', async () => {
    served.repos[repo] = repositoryOf(exportFiles('tiny-qwen3', 'kv'));
    expect(await refused(repo, { maxLengthTokens: 64 })).toMatch(/does not fit: The query is \d+ tokens long/);
    outputOf(await pulled(repo, { maxLengthTokens: 512 }));
    expect(readdirSync(join(setup.models, '.pull'))).toEqual([]);
  });
});
