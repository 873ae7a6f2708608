import { fileUrl } from './address';
import { isStated } from './checksum';
import { isPageType } from './content-failure';
import { type AnswerHead, type HubFailure, type Wanted, statusFailure } from './failure';
import { type KnownFile, isSha1, isSha256 } from './hub-file';
import { type HubAnswer, type HubOptions, callHub } from './request';

/** A revision of a repository, and how the hub is called. */
export interface Revision {
  wanted: Wanted;
  /** A commit, or the revision if the hub does not state the commit. */
  commit: string;
  options: HubOptions;
}

/** The result of a HEAD request for a file. */
export type FileHead =
  | { kind: 'described'; file: KnownFile }
  /** The hub does not describe this file. */
  | { kind: 'refused'; failure: HubFailure; why: RefusalCause }
  /** No request succeeds at the moment. */
  | { kind: 'failed'; failure: HubFailure };

/** Why: it does not support HEAD, it requires a token or consent, or another reason. */
type RefusalCause = 'method' | 'access' | 'other';

/** Reads the size and checksum of one file with HEAD. Calls another origin only if the size is still unknown. */
export async function readHead(known: KnownFile, { wanted, commit, options }: Revision): Promise<FileHead> {
  const { path } = known;
  const asked = { ...wanted, name: `${path} of ${wanted.repo}` };
  const url = fileUrl(wanted.address, { repo: wanted.repo, commit, path });
  let file: KnownFile = { path };
  let hasLeft = false;
  const note = (head: AnswerHead) => {
    // Only a checksum from the hub itself counts, and another origin may have redirected back to the hub.
    hasLeft ||= !head.isEndpoint;
    if (!hasLeft) file = { ...file, ...linkedOf(head, file) };
  };
  const call = await callHub(url, asked, {
    ...options,
    method: 'HEAD',
    // The length of a compressed answer is not the size of the file.
    headers: { 'accept-encoding': 'identity' },
    mayFollow(redirect, target) {
      note(redirect);
      return target.origin === wanted.address.origin || (file.sizeBytes ?? known.sizeBytes) === undefined;
    },
  });
  call.close();
  const { answer } = call;
  if (!answer.ok) return { kind: 'failed', failure: answer };
  note(answer);
  const lengthBytes = answer.status === 200 ? lengthOf(answer, file) : undefined;
  if (lengthBytes !== undefined) file = { sizeBytes: lengthBytes, ...file };
  // A redirect status means that the redirect was not followed, because size and checksum are known.
  return answer.status < 400 || file.sizeBytes !== undefined
    ? { kind: 'described', file }
    : refusalOf(answer, statusFailure(answer, asked));
}

function refusalOf({ status, isEndpoint }: HubAnswer, failure: HubFailure): FileHead {
  if (failure.isTemporary && status !== 501) return { kind: 'failed', failure };
  if (!isEndpoint) return { kind: 'refused', failure, why: 'other' };
  if (status === 405 || status === 501) return { kind: 'refused', failure, why: 'method' };
  return { kind: 'refused', failure, why: status === 401 || status === 403 ? 'access' : 'other' };
}

/** The size and checksum from an answer of the hub itself, as far as they are not known yet. */
function linkedOf({ headers, status }: AnswerHead, known: KnownFile): Partial<KnownFile> {
  if (status >= 400) return {};
  const sizeBytes = parseSize(headers.get('x-linked-size'));
  return {
    ...(known.sizeBytes === undefined && sizeBytes !== undefined ? { sizeBytes } : {}),
    ...(isStated(known) ? {} : checksumOf(headers)),
  };
}

function checksumOf(headers: AnswerHead['headers']): Pick<KnownFile, 'sha256' | 'gitSha1'> {
  const stated = headers.get('x-linked-etag') ?? headers.get('x-checksum-sha256') ?? headers.get('etag') ?? '';
  const tag = stated
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase();
  if (isSha256(tag)) return { sha256: tag };
  // Artifactory's ETag is the SHA-1 of the content, not git's SHA-1.
  const isPlain = tag === headers.get('x-checksum-sha1')?.toLowerCase();
  return !isPlain && isSha1(tag) ? { gitSha1: tag } : {};
}

/** The length of an answer, if it is the size of the file. */
function lengthOf({ headers }: HubAnswer, known: KnownFile): number | undefined {
  const isEncoded = !['', 'identity'].includes(headers.get('content-encoding') ?? '');
  if (isEncoded || isPageType(headers.get('content-type'), known.path)) return undefined;
  const length = parseSize(headers.get('content-length'));
  // Servers that do not know a length send 0 on HEAD.
  return length === 0 && !isStated(known) ? undefined : length;
}

function parseSize(value: string | null): number | undefined {
  const size = /^\d+$/.test(value ?? '') ? Number(value) : undefined;
  return Number.isSafeInteger(size) ? size : undefined;
}
