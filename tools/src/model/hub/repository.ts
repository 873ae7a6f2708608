import type { Refused, Result } from '@rerank-fleet/contract';
import { modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { isInsidePath, isRepoName } from './address';
import { type HubFailure, type HubResult, type Wanted, lasting } from './failure';
import { type HubFile, isSha1 } from './hub-file';
import { HubError, hubFetch } from './hub-fetch';
import { completeListing, isModelFile } from './listing';
import { type HubAnswer, type HubOptions, describeWanted } from './request';

export type { HubOptions } from './request';

/** One revision of a repository. */
export interface HubRepository {
  /** `owner/name`, as requested. */
  repo: string;
  /** The current commit of the revision, 40 hexadecimal digits; the revision if the hub does not state a commit. */
  commit: string;
  /** The time of the answer if the hub states no date. */
  lastModified: Date;
  /** As in the model card; several licences are joined by commas. */
  licence: string | undefined;
  /** Without files whose size the hub does not state. */
  files: HubFile[];
}

/** Options of {@link readRepository}. */
export interface RepositoryOptions extends HubOptions {
  /**
   * Whether a file may cost a request of its own if the hub lists no size or checksum for it; at most 40 files do.
   * Default: ONNX files, their data and the JSON files at the root.
   */
  isWanted?: ((path: string) => boolean) | undefined;
}

/**
 * Lists the files of a revision (a branch, a tag or a commit) with hub.js: one request for its commit, then the tree of
 * that commit, then one request per file whose size or checksum the tree of a mirror lacks.
 * @returns a failure with one line for the operator if the hub cannot be reached, refuses, or sends an invalid answer
 */
export async function readRepository(
  repo: string,
  revision: string,
  options: RepositoryOptions,
): Promise<Result<{ repository: HubRepository }, { message: string }>> {
  if (!isRepoName(repo)) return { ok: false, message: 'a repository is named owner/name: check its name' };
  if (['', '.', '..'].includes(revision)) {
    return { ok: false, message: `${repo}: a revision is a branch, a tag or a commit: check it` };
  }
  const asked = describeWanted(repo, repo, options);
  if (!asked.ok) return toResult(asked);
  const { wanted } = asked;
  const described = await describe(revision, wanted, options);
  if (!described.ok) return toResult(described);
  const { paths, ...rest } = described.description;
  const { isWanted = isModelFile } = options;
  const listing = await completeListing(paths, { wanted, options, commit: rest.commit, isWanted });
  return listing.ok ? { ok: true, repository: { repo, ...rest, files: listing.files } } : toResult(listing);
}

interface Description extends Pick<HubRepository, 'commit' | 'lastModified' | 'licence'> {
  paths: string[];
}

const descriptionSchema = z.object({
  sha: z.string().refine(isSha1).nullish(),
  lastModified: z.string().pipe(z.coerce.date()).nullish(),
  // Authors write model cards by hand, so an invalid licence is ignored.
  cardData: z
    .object({ license: z.union([z.string(), z.array(z.string())]) })
    .optional()
    .catch(undefined),
  siblings: z.array(z.object({ rfilename: z.string().refine(isInsidePath) })),
});

async function describe(
  revision: string,
  wanted: Wanted,
  options: HubOptions,
): Promise<HubResult<{ description: Description }>> {
  const { repo, address } = wanted;
  try {
    const { sha, updatedAt, cardData, filePaths } = await modelInfo({
      name: repo,
      revision,
      additionalFields: ['sha', 'cardData', 'filePaths'],
      hubUrl: address.base,
      fetch: hubFetch({ schema: descriptionSchema, complete }, wanted, options),
    });
    const commit = sha ?? (isPlainName(revision) ? revision : undefined);
    if (commit === undefined) {
      return lasting(
        `${repo}: ${new URL(address.base).host} does not state the commit of the revision: name a commit, or a branch or tag without a slash`,
      );
    }
    const licence = [cardData?.license ?? []].flat().join(', ') || undefined;
    return { ok: true, description: { commit, lastModified: updatedAt, licence, paths: filePaths } };
  } catch (error) {
    if (error instanceof HubError) return error.failure;
    throw error;
  }
}

/** Adds the commit and the date from the headers, because some mirrors omit them from the description. */
function complete(json: z.infer<typeof descriptionSchema>, { headers }: HubAnswer): z.infer<typeof descriptionSchema> {
  const commit = headers.get('x-repo-commit') ?? '';
  const dates = ['last-modified', 'date'].map((name) => Date.parse(headers.get(name) ?? ''));
  return {
    ...json,
    sha: json.sha ?? (isSha1(commit) ? commit : undefined),
    lastModified: json.lastModified ?? new Date(dates.find((ms) => !Number.isNaN(ms)) ?? Date.now()),
  };
}

/** Whether a revision can be used in addresses and folder names without changes. */
const isPlainName = (revision: string): boolean => /^\w[\w.-]*$/.test(revision);

function toResult({ message }: HubFailure): Refused<{ message: string }> {
  return { ok: false, message };
}
