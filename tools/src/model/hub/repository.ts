import { isRepoName, repositoryUrl } from './address';
import { type Description, readDescription } from './description';
import { type HubFailure, type Wanted, statusFailure } from './failure';
import type { HubFile } from './hub-file';
import { completeListing, isModelFile } from './listing';
import { type HubOptions, callHub, describeWanted } from './request';

export type { HubOptions } from './request';

/** One revision of a repository. */
export interface HubRepository {
  /** `owner/name`, as it was asked for. */
  repo: string;
  /** The commit that the revision stands for now, 40 hexadecimal digits; the revision where the hub does not tell. */
  commit: string;
  /** When the hub does not tell: when it answered. */
  lastModified: Date;
  /** As the model card states it; several are joined by commas. */
  licence: string | undefined;
  /** Without those whose size the hub does not tell. */
  files: HubFile[];
}

/** How a repository is read. */
export interface RepositoryOptions extends HubOptions {
  /**
   * Which files may cost a request of their own where the hub lists no sizes or checksums; at most 40 do. ONNX files, their
   * data and the JSON files at the root if not given.
   */
  isWanted?: ((path: string) => boolean) | undefined;
}

/**
 * Asks a hub for the files of a revision (a branch, a tag or a commit): with one request where it describes them whole,
 * else with a few more for what its description lacks.
 * @returns a failure with one line for the operator when the hub cannot be reached, refuses or answers with anything else.
 */
export async function readRepository(
  repo: string,
  revision: string,
  options: RepositoryOptions,
): Promise<{ ok: true; repository: HubRepository } | { ok: false; message: string }> {
  if (!isRepoName(repo)) return { ok: false, message: 'a repository is named owner/name: check its name' };
  if (['', '.', '..'].includes(revision)) {
    return { ok: false, message: `${repo}: a revision is a branch, a tag or a commit: check it` };
  }
  const asked = describeWanted(repo, repo, options);
  if (!asked.ok) return toResult(asked);
  const { wanted } = asked;
  const described = await describe(revision, wanted, options);
  if (!described.ok) return toResult(described);
  const { files, ...rest } = described.description;
  const { isWanted = isModelFile } = options;
  const listing = await completeListing(files, { wanted, options, commit: rest.commit, isWanted });
  return listing.ok ? { ok: true, repository: { repo, ...rest, files: listing.files } } : toResult(listing);
}

async function describe(
  revision: string,
  wanted: Wanted,
  options: HubOptions,
): Promise<{ ok: true; description: Description } | HubFailure> {
  const { repo } = wanted;
  const call = await callHub(repositoryUrl(wanted.address, repo, revision), wanted, options);
  try {
    if (!call.answer.ok) return call.answer;
    if (call.answer.status !== 200) return statusFailure(call.answer, wanted);
    return await readDescription(call.answer, { repo, revision });
  } finally {
    call.close();
  }
}

function toResult({ message }: HubFailure): { ok: false; message: string } {
  return { ok: false, message };
}
