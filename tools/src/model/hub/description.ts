import { z } from 'zod';
import { isInsidePath } from './address';
import { type HubFailure, lasting } from './failure';
import { misfit, readJson } from './json-answer';
import { type KnownFile, sha1, sha256, sizeBytes } from './known-file';
import type { HubAnswer } from './request';

/** What a hub tells about a revision with its first answer. */
export interface Description {
  /** A commit, or the revision where the hub does not tell. */
  commit: string;
  lastModified: Date;
  licence: string | undefined;
  files: KnownFile[];
}

const siblingSchema = z
  .object({
    rfilename: z.string().refine(isInsidePath),
    size: sizeBytes.nullish(),
    blobId: sha1.nullish(),
    lfs: z.object({ sha256, size: sizeBytes }).nullish(),
  })
  .transform(({ rfilename, size, blobId, lfs }): KnownFile => {
    // the blob of a file in LFS is its pointer: that checksum is not the file's
    if (lfs) return { path: rfilename, sizeBytes: lfs.size, sha256: lfs.sha256 };
    return { path: rfilename, sizeBytes: size ?? undefined, gitSha1: blobId ?? undefined };
  });

const answerSchema = z.object({
  sha: sha1.nullish(),
  lastModified: z.string().pipe(z.coerce.date()).nullish(),
  // written by hand in a model card: what is no licence is none
  cardData: z
    .object({ license: z.union([z.string(), z.array(z.string()).transform((each) => each.join(', '))]) })
    .optional()
    .catch(undefined),
  siblings: z.array(siblingSchema),
});

/** Reads a description; what a mirror leaves out of it is taken from the answer's headers. */
export async function readDescription(
  answer: HubAnswer,
  { repo, revision }: { repo: string; revision: string },
): Promise<{ ok: true; description: Description } | HubFailure> {
  const read = await readJson(answer, repo);
  if (!read.ok) return read;
  const parsed = answerSchema.safeParse(read.json);
  if (!parsed.success) return misfit(parsed.error, { repo, host: answer.host });
  const { sha, lastModified, cardData, siblings } = parsed.data;
  const commit = sha ?? commitOf(answer, revision);
  if (commit === undefined) {
    return lasting(
      `${repo}: ${answer.host} does not tell the commit of the revision: ask for a commit, or for a branch or tag without a slash`,
    );
  }
  return {
    ok: true,
    description: { commit, lastModified: lastModified ?? dateOf(answer), licence: cardData?.license, files: siblings },
  };
}

function commitOf({ headers }: HubAnswer, revision: string): string | undefined {
  const told = sha1.safeParse(headers.get('x-repo-commit'));
  if (told.success) return told.data;
  // it becomes part of addresses and of folder names
  return /^\w[\w.-]*$/.test(revision) ? revision : undefined;
}

function dateOf({ headers }: HubAnswer): Date {
  const told = ['last-modified', 'date'].map((name) => Date.parse(headers.get(name) ?? ''));
  return new Date(told.find((ms) => !Number.isNaN(ms)) ?? Date.now());
}
