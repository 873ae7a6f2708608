import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  createEncoder,
  parseManifest,
  TokenizerError,
  type BundleFile,
  type Encoder,
  type Manifest,
  type Provider,
} from '@rerank-fleet/scoring';
import { BundleError } from './bundle-error';
import { isNotFound, verifyFile } from './bundle-file';
import { parseJsonFile } from './json-file';

/** A bundle with verified files. Structured-cloneable. */
export interface Bundle {
  /** The folder of manifest.json. */
  dir: string;
  manifest: Manifest;
  /** The graph that sessions load instead of the bundle's: the same with packed weights, for this processor only. */
  packedModel?: string;
}

/**
 * Reads `<models>/<name>/<version>/manifest.json` and verifies every file that it lists (existence, size, sha256).
 * @throws BundleError
 */
export async function loadBundle(dir: string): Promise<Bundle> {
  const manifest = await readManifest(dir);
  for (const file of Object.values(manifest.files)) await verifyFile(join(dir, file.path), file);
  return { dir, manifest };
}

/**
 * Creates the encoder of a verified bundle. Takes about a second and 50 MB for a vocabulary of 250,000.
 * @throws BundleError if the tokenizer is damaged, belongs to another model, or has an unsupported part
 */
export async function openEncoder(bundle: Bundle): Promise<Encoder> {
  const path = join(bundle.dir, bundle.manifest.files.tokenizer.path);
  const tokenizerJson = await readJson(path);
  try {
    return createEncoder(bundle.manifest, tokenizerJson);
  } catch (error) {
    const reason = error instanceof TokenizerError ? error.message : 'not a tokenizer that this version can read';
    throw new BundleError(`${path}: ${reason}: see Tokenizers in docs/models/bring-your-own.md`);
  }
}

/**
 * Tokens per call (longest row x rows) on a provider.
 * @throws BundleError if the bundle does not support the provider. A default budget would not be safe: an int8 graph,
 * for example, loads with CUDA and then runs most of its nodes on the CPU.
 */
export function tokenBudgetOf({ dir, manifest }: Bundle, provider: Provider): number {
  const { name, version, tokenBudget } = manifest;
  const tokens = tokenBudget[provider];
  if (tokens !== undefined) return tokens;
  throw new BundleError(
    `${join(dir, 'manifest.json')}: the bundle ${name}@${version} is made for ${Object.keys(tokenBudget).join(', ')}, not for ${provider}: set PROVIDER=${Object.keys(tokenBudget)[0]}, or MODEL to a bundle with a tokenBudget.${provider}`,
  );
}

async function readManifest(dir: string): Promise<Manifest> {
  const path = join(dir, 'manifest.json');
  await checkFolder(dir);
  const result = parseManifest(await readJson(path));
  if (!result.ok) throw new BundleError(`${path}: ${result.reason}`);
  return result.manifest;
}

/** The error for an unknown name or version lists the existing ones. */
async function checkFolder(dir: string): Promise<void> {
  if (await isFolder(dir)) return;
  const parent = dirname(dir);
  if (await isFolder(parent)) throw new BundleError(unknown(dir, 'version', await foldersOf(parent)));
  const models = dirname(parent);
  if (await isFolder(models)) throw new BundleError(unknown(parent, 'model', await foldersOf(models)));
  throw new BundleError(`there is no folder ${dir}: set the path of the models folder`);
}

function unknown(path: string, kind: string, known: string[]): string {
  const list = known.length === 0 ? 'none' : known.join(', ');
  return `there is no ${kind} ${basename(path)} in ${dirname(path)}; there is: ${list}`;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isNotFound(error)) return false;
    throw new BundleError(`${path} cannot be read: check its permissions`);
  }
}

async function foldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Files that hold the graph and its weights. */
export function weightFilesOf({ files }: Manifest): BundleFile[] {
  const { tokenizer: _tokenizer, tokenizerConfig: _config, ...weights } = files;
  return Object.values(weights);
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) throw new BundleError(`${path} is missing or cannot be read: download the bundle again`);
  const parsed = parseJsonFile(bytes);
  if (!parsed.ok) throw new BundleError(`${path} ${parsed.reason}`);
  return parsed.json;
}
