import { listFiles } from '@huggingface/hub';
import { z } from 'zod';
import { isStated } from './checksum';
import { type HubFailure, type HubResult, lasting } from './failure';
import { type Revision, readHead } from './file-head';
import { type HubFile, type KnownFile, isSha1, isSha256 } from './hub-file';
import { HubError, hubFetch } from './hub-fetch';

/** The revision to list, and which of its files matter. */
export interface ListingOptions extends Revision {
  /** Whether a file may cost a request of its own. */
  isWanted(path: string): boolean;
}

const maxHeads = 40;

/** Whether a model may need the file, by its name. */
export function isModelFile(path: string): boolean {
  return /\.onnx(?:_data[^/]*|\.data)?$/.test(path) || /^[^/]+\.(?:json|safetensors)$/.test(path);
}

/**
 * Adds sizes and checksums to these paths: from the tree first, then with one request per wanted file. Files without a
 * stated size are left out. Files without a stated checksum are listed without it.
 */
export async function completeListing(
  paths: readonly string[],
  options: ListingOptions,
): Promise<HubResult<{ files: HubFile[] }>> {
  const tree = await readTree(paths, options);
  if (!tree.ok) return tree;
  const listed = paths.map((path) => tree.files.get(path) ?? { path });
  const heads = await readHeads(listed, options);
  if (!heads.ok) return heads;
  const known = listed.map((file) => ({ ...file, ...heads.files.get(file.path) }));
  const files = known.filter(hasSize);
  const isUsable = files.some(({ path }) => options.isWanted(path));
  const isLost = known.some((file) => !hasSize(file) && options.isWanted(file.path));
  return isLost && !isUsable ? (heads.refusal ?? nothingUsable(options)) : { ok: true, files };
}

const hasSize = (file: KnownFile): file is HubFile => file.sizeBytes !== undefined;

const size = z.number().int().nonnegative();
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: size.nullish(),
    oid: z.string().refine(isSha1).nullish(),
    lfs: z.object({ oid: z.string().refine(isSha256), size }).nullish(),
  }),
);

/** The facts about these files in the tree of the revision, by path; empty if the hub has no trees. */
async function readTree(
  paths: readonly string[],
  { wanted, commit, options }: ListingOptions,
): Promise<HubResult<{ files: Map<string, KnownFile> }>> {
  const missing = new Set(paths);
  const files = new Map<string, KnownFile>();
  if (missing.size === 0) return { ok: true, files };
  try {
    const tree = listFiles({
      repo: { type: 'model', name: wanted.repo },
      revision: commit,
      recursive: true,
      hubUrl: wanted.address.base,
      fetch: hubFetch({ part: 'tree', schema: treeSchema }, wanted, options),
    });
    for await (const { type, path, size: sizeBytes, oid, lfs } of tree) {
      if (type !== 'file' || !missing.delete(path)) continue;
      // The oid of a file in LFS is the one of its pointer. A checksum without a size may also be of a pointer.
      if (lfs) files.set(path, { path, sizeBytes: lfs.size, sha256: lfs.oid });
      else if (isSize(sizeBytes)) files.set(path, { path, sizeBytes, ...(oid && { gitSha1: oid }) });
      if (missing.size === 0) break;
    }
    return { ok: true, files };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return error.isNoRoute ? { ok: true, files } : error.failure;
  }
}

/** A mirror may omit the size, although the types of hub.js require it. */
const isSize = (value: number | null | undefined): value is number => typeof value === 'number';

interface Heads {
  files: Map<string, KnownFile>;
  /** The first refusal that the operator can remedy. */
  refusal: HubFailure | undefined;
}

async function readHeads(listed: readonly KnownFile[], options: ListingOptions): Promise<HubResult<Heads>> {
  const heads: { ok: true } & Heads = { ok: true, files: new Map(), refusal: undefined };
  const asked = listed
    .filter((file) => !(hasSize(file) && isStated(file)) && options.isWanted(file.path))
    // Every model needs the files at the root, and of several exports the one nearest to the root is used.
    .sort((a, b) => depthOf(a) - depthOf(b))
    .slice(0, maxHeads);
  for (const file of asked) {
    const head = await readHead(file, options);
    if (head.kind === 'failed') return head.failure;
    if (head.kind === 'described') heads.files.set(file.path, head.file);
    else if (head.why === 'method') return heads;
    else if (head.why === 'access') heads.refusal ??= head.failure;
  }
  return heads;
}

function nothingUsable({ wanted }: ListingOptions): HubFailure {
  const { host } = new URL(wanted.address.base);
  return lasting(
    `${wanted.repo}: ${host} does not state the size of any file that a model needs: set HF_ENDPOINT to a hub or mirror that does`,
  );
}

const depthOf = ({ path }: KnownFile): number => path.split('/').length;
