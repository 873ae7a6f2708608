import { z } from 'zod';
import { isInsidePath, isRepoName, repositoryUrl } from './address';
import { type HubFailure, lasting, statusFailure } from './failure';
import { type HubAnswer, type HubOptions, callHub, describeWanted } from './request';

export type { HubOptions } from './request';

/** One file of a repository. It has one of the two checksums. */
export interface HubFile {
  /** Relative to the repository, with forward slashes; never leaves it. */
  path: string;
  sizeBytes: number;
  /** Of a file in Git LFS: its content, 64 hexadecimal digits. */
  sha256?: string;
  /** Of any other file: SHA-1 of `blob <size>`, a NUL and the content, as git names it. */
  gitSha1?: string;
}

/** One revision of a repository. */
export interface HubRepository {
  /** `owner/name`, as it was asked for. */
  repo: string;
  /** What the revision stands for now: 40 hexadecimal digits. */
  commit: string;
  lastModified: Date;
  /** As the model card states it; several are joined by commas. */
  licence: string | undefined;
  files: HubFile[];
}

const maxAnswerBytes = 20_000_000;
const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const sizeBytes = z.number().int().nonnegative();

const siblingSchema = z
  .object({
    rfilename: z.string().refine(isInsidePath),
    size: sizeBytes.nullish(),
    blobId: sha1.nullish(),
    lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: sizeBytes }).nullish(),
  })
  .transform(({ rfilename, size, blobId, lfs }, context): HubFile => {
    // the blob of a file in LFS is its pointer: that checksum is not the file's
    if (lfs) return { path: rfilename, sizeBytes: lfs.size, sha256: lfs.sha256 };
    if (size != null && blobId != null) return { path: rfilename, sizeBytes: size, gitSha1: blobId };
    context.addIssue({ code: 'custom', path: ['blobId'] });
    return z.NEVER;
  });

const answerSchema = z.object({
  sha: sha1,
  lastModified: z.string().pipe(z.coerce.date()),
  // written by hand in a model card: what is no licence is none
  cardData: z
    .object({ license: z.union([z.string(), z.array(z.string()).transform((each) => each.join(', '))]) })
    .optional()
    .catch(undefined),
  siblings: z.array(siblingSchema),
});

/**
 * Asks a hub for the files of a revision (a branch, a tag or a commit) with one request.
 * @returns a failure with one line for the operator when the hub cannot be reached, refuses or answers with anything else.
 */
export async function readRepository(
  repo: string,
  revision: string,
  options: HubOptions,
): Promise<{ ok: true; repository: HubRepository } | { ok: false; message: string }> {
  if (!isRepoName(repo)) return { ok: false, message: 'a repository is named owner/name: check its name' };
  if (['', '.', '..'].includes(revision)) {
    return { ok: false, message: `${repo}: a revision is a branch, a tag or a commit: check it` };
  }
  const described = describeWanted(repo, repo, options);
  if (!described.ok) return toResult(described);
  const { wanted } = described;
  const call = await callHub(repositoryUrl(wanted.address, repo, revision), wanted, options);
  try {
    if (!call.answer.ok) return toResult(call.answer);
    if (call.answer.status !== 200) return toResult(statusFailure(call.answer, wanted));
    const read = await readJson(call.answer, repo);
    return read.ok ? parse(read.json, repo, call.answer.host) : toResult(read);
  } finally {
    call.close();
  }
}

async function readJson(answer: HubAnswer, repo: string): Promise<{ ok: true; json: unknown } | HubFailure> {
  const { host, headers } = answer;
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    return lasting(`${repo}: ${host} answered with a web page (a login or a proxy): check HF_ENDPOINT and the network`);
  }
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  for (;;) {
    const read = await answer.read();
    if (!read.ok) return read;
    if (!read.bytes) break;
    totalBytes += read.bytes.length;
    if (totalBytes > maxAnswerBytes) {
      return lasting(`${repo}: the answer of ${host} is longer than ${maxAnswerBytes} bytes: check HF_ENDPOINT`);
    }
    chunks.push(read.bytes);
  }
  try {
    return { ok: true, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return lasting(`${repo}: the answer of ${host} is no JSON: check HF_ENDPOINT and any proxy in the way`);
  }
}

function parse(json: unknown, repo: string, host: string): Awaited<ReturnType<typeof readRepository>> {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    // a member's place is of our making, its content is the hub's and stays out
    const place = parsed.error.issues[0]?.path.join('.') || 'no object';
    const fault = place.endsWith('.rfilename') ? 'a path that leaves the folder' : 'not what a hub answers';
    return { ok: false, message: `${repo}: ${host} sent ${fault} (${place}): check HF_ENDPOINT` };
  }
  const { sha, lastModified, cardData, siblings } = parsed.data;
  return {
    ok: true,
    repository: { repo, commit: sha, lastModified, licence: cardData?.license, files: siblings },
  };
}

function toResult({ message }: HubFailure): { ok: false; message: string } {
  return { ok: false, message };
}
