import { readHead } from './file-head';
import { type HubFailure, lasting } from './failure';
import { type KnownFile, isComplete, mergeKnown, toHubFile } from './known-file';
import type { HubFile } from './hub-file';
import type { Revision } from './revision';
import { readTree } from './tree';

/** Which files are worth a request of their own. */
export interface ListingOptions extends Revision {
  isWanted(path: string): boolean;
}

const maxHeads = 40;

/** The files of an export that a model needs, as far as their names tell. */
export function isModelFile(path: string): boolean {
  return /\.onnx(?:_data[^/]*|\.data)?$/.test(path) || /^[^/]+\.json$/.test(path);
}

/**
 * Completes the sizes and checksums of a description: from the tree, then file by file for those that are wanted. A file
 * whose size nobody tells is left out, one whose checksum nobody tells stays without.
 */
export async function completeListing(
  described: readonly KnownFile[],
  options: ListingOptions,
): Promise<{ ok: true; files: HubFile[] } | HubFailure> {
  const missing = described.filter((file) => !isComplete(file));
  const tree = missing.length === 0 ? undefined : await readTree(options, pathsOf(missing));
  if (tree && !tree.ok) return tree;
  const listed = described.map((file) => mergeKnown(file, tree?.files.get(file.path) ?? { path: file.path }));
  const heads = await readHeads(listed, options);
  if (!heads.ok) return heads;
  const known = listed.map((file) => mergeKnown(file, heads.files.get(file.path) ?? { path: file.path }));
  const files = known.map(toHubFile).filter((file) => file !== undefined);
  const isUsable = files.some(({ path }) => options.isWanted(path));
  const isLost = known.some((file) => file.sizeBytes === undefined && options.isWanted(file.path));
  return isLost && !isUsable ? (heads.refusal ?? nothingUsable(options)) : { ok: true, files };
}

interface Heads {
  ok: true;
  files: Map<string, KnownFile>;
  /** What the operator can do something about. */
  refusal: HubFailure | undefined;
}

async function readHeads(listed: readonly KnownFile[], options: ListingOptions): Promise<Heads | HubFailure> {
  const heads: Heads = { ok: true, files: new Map(), refusal: undefined };
  const asked = listed
    .filter((file) => !isComplete(file) && options.isWanted(file.path))
    // no model without what lies at the root, and of several exports the one nearest to it is taken
    .sort((a, b) => depthOf(a) - depthOf(b))
    .slice(0, maxHeads);
  for (const file of asked) {
    const head = await readHead(file, options);
    if (head.kind === 'failed') return head.failure;
    if (head.kind === 'told') heads.files.set(file.path, head.file);
    else if (head.why === 'method') return heads;
    else if (head.why === 'access') heads.refusal ??= head.failure;
  }
  return heads;
}

function nothingUsable({ wanted }: ListingOptions): HubFailure {
  const { host } = new URL(wanted.address.base);
  return lasting(
    `${wanted.repo}: ${host} tells the size of no file that a model needs: set HF_ENDPOINT to a hub or mirror that does`,
  );
}

function pathsOf(files: readonly KnownFile[]): Set<string> {
  return new Set(files.map(({ path }) => path));
}

function depthOf({ path }: KnownFile): number {
  return path.split('/').length;
}
