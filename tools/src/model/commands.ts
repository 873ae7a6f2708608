import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import { findBundleFolder, listBundleFolders } from '@rerank-fleet/model-runtime/bundle-folder';
import { table } from '../command/table';
import { parseWanted, type Alias } from './aliases';
import type { ModelToolConfig } from './config';
import { compareGolden, readGolden, type GoldenCase, type GoldenResult } from './golden';
import { readRepository, type HubOptions } from './hub/repository';
import { installedLine } from './installed-line';
import { installBundle, removeStaging, type Installed, type InstallOptions } from './install';
import { catchBundleError } from './trial';
import { describeBundle, describeGraph, oneLine } from './describe';
import { ProtobufError } from './onnx/protobuf';
import { providerOfMachine } from './provider';
import { readGraph } from './onnx/read-graph';
import { compareWithReference } from './reference/compare';
import { describeComparison } from './reference/describe-comparison';
import { folderSource, hubSource, type HubSourceOptions, type ModelSource } from './source';
import type { Variant, WeightFormat } from './variants';

/** The output streams of a command and the signal that stops it. */
interface Terminal {
  stdout: Pick<NodeJS.WriteStream, 'write'>;
  stderr: HubSourceOptions['stream'];
  signal: AbortSignal;
}

export interface PullOptions {
  variant?: Variant;
  from?: WeightFormat;
  name?: string;
  version?: string;
  licence?: string;
  maxLengthTokens: number;
}

export interface VerifyOptions {
  /** Whether to compare token ids and scores with those of transformers.js. */
  isReferenceWanted?: boolean;
}

/** The exit code of a command. A command that returns 1 has written one line to stderr. */
export type ExitCode = 0 | 1;

/** Configuration and streams of every command. */
export interface CommandContext {
  config: ModelToolConfig;
  terminal: Terminal;
  /** Overrides for downloads, for tests. */
  download?: HubSourceOptions['download'];
}

/** The bundle that is part of this repository. Other commands depend on it. */
const shippedBundle = 'multilingual-e5-small';

const print = ({ terminal }: CommandContext, line: string): void => void terminal.stdout.write(`${oneLine(line)}\n`);

function fail({ terminal }: CommandContext, message: string): ExitCode {
  terminal.stderr.write(`model: ${oneLine(message)}\n`);
  return 1;
}

/** Downloads a model from the hub and installs it. */
export async function pull(context: CommandContext, model: string, options: PullOptions): Promise<ExitCode> {
  const { config, terminal } = context;
  const parsed = parseWanted(model, options.from);
  if (!parsed.ok) return fail(context, parsed.message);
  const { repo, revision, name, alias } = parsed.wanted;
  const hub: HubOptions = {
    endpoint: config.HF_ENDPOINT,
    signal: terminal.signal,
    ...(config.HF_TOKEN && { token: config.HF_TOKEN }),
  };
  print(context, `pulling ${repo}@${revision} from ${new URL(config.HF_ENDPOINT).host}`);
  const read = await readRepository(repo, revision, hub);
  if (!read.ok) return fail(context, read.message);
  const source = hubSource(read.repository, { ...hub, stream: terminal.stderr, download: context.download });
  return install(context, source, {
    ...options,
    name: options.name ?? name,
    aliases: aliasesOf(repo, alias),
    licence: options.licence ?? alias?.licence,
  });
}

/** Installs the model in a folder. */
export async function add(context: CommandContext, folder: string, options: PullOptions): Promise<ExitCode> {
  const { name, licence } = options;
  if (name === undefined) return fail(context, 'give the bundle a name: --name NAME');
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return fail(context, `there is no folder ${folder}`);
  const source = await folderSource(resolve(folder), licence);
  return install(context, source, { ...options, name, aliases: [], licence });
}

type InstallRequest = Omit<PullOptions, 'licence'> & Pick<InstallOptions, 'name' | 'aliases' | 'licence'>;

async function install(context: CommandContext, source: ModelSource, wanted: InstallRequest): Promise<ExitCode> {
  const { MODELS_DIR: modelsDir, PROVIDER: provider } = context.config;
  const installed = await installBundle(source, {
    ...wanted,
    modelsDir,
    provider: provider ?? (await providerOfMachine()),
    print: (line) => print(context, line),
    stream: context.terminal.stderr,
  });
  if (!installed.ok) return fail(context, installed.message);
  for (const line of describeInstalled(installed)) print(context, line);
  return 0;
}

const columns = ['name', 'version', 'head', 'dtype', 'against fp32', 'tokens', 'MB', 'licence', 'source'];

export async function list(context: CommandContext): Promise<ExitCode> {
  const { MODELS_DIR: models } = context.config;
  const rows: string[][] = [];
  for (const { name, version } of await listBundleFolders(models)) {
    const found = await open(context, `${name}@${version}`);
    rows.push(found.ok ? describeBundle(found.value) : [name, version, `broken: ${found.message}`]);
  }
  if (rows.length === 0) print(context, `no bundle in ${resolve(models)}`);
  else for (const line of table([columns, ...rows])) print(context, line);
  return 0;
}

/** Prints the contents of an ONNX file, or of the ONNX file of a bundle. */
export async function inspect(context: CommandContext, what: string): Promise<ExitCode> {
  const graph = await graphPath(context, what);
  if (!graph.ok) return fail(context, graph.message);
  try {
    for (const line of describeGraph(graph.path, await readGraph(graph.path))) print(context, line);
    return 0;
  } catch (error) {
    if (error instanceof ProtobufError) return fail(context, `${graph.path} is no ONNX file: ${error.message}`);
    throw error;
  }
}

/** Checks a bundle's files and golden scores, and optionally compares ids and scores with transformers.js. */
export async function verify(context: CommandContext, model: string, options: VerifyOptions = {}): Promise<ExitCode> {
  const found = await open(context, model);
  if (!found.ok) return fail(context, found.message);
  const { manifest } = found.value;
  const label = `${manifest.name}@${manifest.version}`;
  const files = Object.keys(manifest.files).length;
  print(context, `${label}: ${files} files have the sizes and checksums of the manifest`);
  const compared = await catchBundleError(() => compareGolden(found.value));
  if (!compared.ok) return fail(context, compared.message);
  const code = reportGolden(context, label, compared.value);
  if (!options.isReferenceWanted) return code;
  return (await verifyByReference(context, label, found.value)) === 0 ? code : 1;
}

async function verifyByReference(context: CommandContext, label: string, bundle: Bundle): Promise<ExitCode> {
  const golden = (await readGolden(bundle)) ?? [];
  const compared = await catchBundleError(() => compareWithReference(bundle, { golden }));
  if (!compared.ok) return fail(context, compared.message);
  if (!compared.value.ok) return fail(context, `${label}: ${compared.value.message}`);
  const { comparison } = compared.value;
  for (const line of describeComparison(label, comparison)) print(context, line);
  const isAlike = comparison.differences.every(({ known }) => known !== undefined);
  return isAlike
    ? 0
    : fail(context, `${label}: its token ids or scores differ from those of transformers.js, see above`);
}

export async function remove(context: CommandContext, model: string): Promise<ExitCode> {
  const { MODELS_DIR: models } = context.config;
  const [name = '', version] = model.split('@', 2);
  if (name === shippedBundle) return fail(context, `${name} is part of this repository and cannot be removed`);
  const versions = (await listBundleFolders(models)).filter((one) => one.name === name);
  if (version === undefined && versions.length > 1) {
    const there = versions.map((one) => one.version).join(', ');
    return fail(context, `which version of ${name}? There are: ${there}`);
  }
  const found = await findBundleFolder(models, model);
  if (!found.ok) return fail(context, found.message);
  await rm(versions.length === 1 ? join(models, name) : found.folder, { recursive: true });
  await removeStaging(models, name);
  print(context, `removed ${found.folder}`);
  return 0;
}

async function open({ config }: CommandContext, model: string): ReturnType<typeof catchBundleError<Bundle>> {
  const found = await findBundleFolder(config.MODELS_DIR, model);
  return found.ok ? catchBundleError(() => loadBundle(found.folder)) : found;
}

/** Names that requests may use for the model: its own repository first, then that of the export. */
function aliasesOf(repo: string, alias: Alias | undefined): string[] {
  return [...new Set([...(alias ? [alias.original] : []), repo])];
}

const couldBeProbabilities =
  'all its values are between 0 and 1; if they are probabilities, its scores are wrong, because the server applies the sigmoid to the output of a model: export the logits';

function describeInstalled({ folder, manifest, cases }: Extract<Installed, { ok: true }>): string[] {
  const scores = cases.map(({ score, document }: GoldenCase) => `  ${score.toFixed(4)}  ${document}`);
  const lastOnly =
    manifest.head === 'causal-yes-no' && manifest.inputs.lastTokens !== undefined
      ? '; logits of the last token only'
      : '';
  const oneRow = manifest.maxRows === 1 ? ', one per call' : '';
  const { name, version } = manifest;
  const isNew = cases.length > 0;
  const line = installedLine({ name, version, folder, isNew });
  if (!isNew) return [line];
  return [
    line,
    `licence: ${manifest.licence}; rows of up to ${manifest.maxLengthTokens} tokens${oneRow}${lastOnly}`,
    'its scores for a right and a wrong answer to each of two questions:',
    ...scores,
    ...(cases.every(({ raw }) => raw >= 0 && raw <= 1) ? [couldBeProbabilities] : []),
    `serve it: MODEL=${manifest.name} bash tools/up.sh`,
  ];
}

async function graphPath(
  context: CommandContext,
  what: string,
): Promise<Result<{ path: string }, { message: string }>> {
  if (what.endsWith('.onnx')) {
    const found = await stat(what).catch(() => undefined);
    return found?.isFile() ? { ok: true, path: what } : { ok: false, message: `there is no file ${what}` };
  }
  const found = await open(context, what);
  if (!found.ok) return found;
  const { dir, manifest } = found.value;
  return { ok: true, path: join(dir, manifest.files.model.path) };
}

function reportGolden(context: CommandContext, label: string, result: GoldenResult): ExitCode {
  switch (result.kind) {
    case 'absent':
      print(context, `${label}: it has no golden.json, so its scores cannot be compared`);
      return 0;
    case 'unreadable':
      return fail(context, `${label}: its golden.json is not complete`);
    case 'compared': {
      const { cases, largestRaw, largestScore, meanRaw, isRight } = result;
      const [raw, score, mean] = [largestRaw, largestScore, meanRaw].map((one) => one.toPrecision(2));
      const figures = `largest difference ${raw} raw, ${score} score; mean ${mean} raw`;
      if (!isRight) return fail(context, `${label}: its ${cases} golden scores have changed: ${figures}`);
      print(context, `${label}: ${cases} golden scores match within the manifest's tolerance: ${figures}`);
      return 0;
    }
    default:
      return result satisfies never;
  }
}
