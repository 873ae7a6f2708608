import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Result } from '@rerank-fleet/contract';
import { fileUrl } from './address';
import { type HubFailure, type Wanted, diskFailure, interrupted } from './failure';
import { type PartFile, checkFile, openPart } from './part-file';
import { isStated } from './checksum';
import { checksumFault, contentFailure, isFalseWhole } from './content-failure';
import { type Transfer, receiveRest } from './receive';
import type { HubFile } from './hub-file';
import { type HubOptions, describeWanted } from './request';

/** How one file is downloaded. */
export interface DownloadOptions extends HubOptions {
  repo: string;
  /** A commit, or the plain name of a revision. */
  commit: string;
  /** Told how much of the file is there; falls back when the file has to be begun again. */
  onProgress?(bytesSoFar: number): void;
  /** The wait before the second attempt; it doubles from there, up to 60 s. 1 s if not given. */
  retryWaitMs?: number;
  /** How often to try; of attempts in a row that each got further only the first counts. 5 if not given. */
  attempts?: number;
  /** How a file is opened; for tests. */
  openFile?: typeof open;
  /** How a wait is spent, at most until the signal aborts; for tests. */
  wait?(waitMs: number, signal: AbortSignal | undefined): Promise<void>;
}

const maxWaitMs = 60_000;

/** What became of a download; `sha256` is of the content, whatever checksum the hub stated. */
export type Downloaded = Result<{ sha256: string }, { message: string }>;

/**
 * Downloads a file and checks its size and checksum. It grows in `<target>.part`, is continued from there in this call and
 * in later ones, and becomes the target only once it is right. A target that is right already costs no request. Of a file
 * without a stated checksum the size is checked, and nothing that an earlier call left is taken for it.
 * @returns a failure with one line for the operator; the part stays unless it is wrong.
 */
export async function downloadFile(file: HubFile, target: string, options: DownloadOptions): Promise<Downloaded> {
  const { openFile = open, signal, repo } = options;
  const described = describeWanted(`${file.path} of ${repo}`, repo, options);
  if (!described.ok) return { ok: false, message: described.message };
  const { wanted } = described;
  let part: PartFile | undefined;
  try {
    signal?.throwIfAborted();
    const present = isStated(file) ? await checkFile(target, { file, openFile, signal }) : undefined;
    if (present?.ok) {
      options.onProgress?.(file.sizeBytes);
      return present;
    }
    part = await openPart(`${target}.part`, { file, openFile, signal });
    return await complete(part, target, { file, wanted, options });
  } catch (error) {
    const missingBytes = file.sizeBytes - (part?.sizeBytes ?? 0);
    const failure =
      signal?.aborted && error === signal.reason
        ? interrupted
        : diskFailure(error, { name: wanted.name, target, missingBytes });
    if (!failure) throw error;
    return { ok: false, message: failure.message };
  } finally {
    await part?.close();
  }
}

interface Job {
  file: HubFile;
  wanted: Wanted;
  options: DownloadOptions;
}

async function complete(part: PartFile, target: string, job: Job): Promise<Downloaded> {
  const { file } = job;
  // it may be of another revision, which nothing would show
  if (part.sizeBytes > 0 && !isStated(file)) await part.restart();
  // a whole part is left by a process that died before it could look at it, or by another version of the file
  if (part.sizeBytes >= file.sizeBytes) {
    const verdict = part.verdict();
    if (verdict.ok && part.sizeBytes === file.sizeBytes && !isFalseWhole(part.start, file)) {
      job.options.onProgress?.(part.sizeBytes);
      await part.commit(target);
      return verdict;
    }
    await part.restart();
  }
  job.options.onProgress?.(part.sizeBytes);
  const failure = await fetchRest(part, job);
  if (failure) return { ok: false, message: failure.message };
  return settle(part, target, job);
}

/** Makes a whole part the target, unless it is something else. */
async function settle(part: PartFile, target: string, { file, wanted }: Job): Promise<Downloaded> {
  const verdict = part.verdict();
  const { start } = part;
  if (verdict.ok && !isFalseWhole(start, file)) {
    await part.commit(target);
    return verdict;
  }
  await part.discard();
  const otherwise = verdict.ok ? 'something else came in place of the file' : checksumFault(verdict);
  const { message } = contentFailure(start, { path: file.path, name: wanted.name, otherwise });
  return { ok: false, message };
}

/** Tries until every byte is there; gives what stopped it. */
async function fetchRest(part: PartFile, { file, wanted, options }: Job): Promise<HubFailure | undefined> {
  const { repo, commit, attempts = 5, retryWaitMs = 1_000, wait = waitFor, signal } = options;
  const transfer: Transfer = { part, file, wanted, options, url: fileUrl(wanted.address, { repo, commit, ...file }) };
  let counted = 0;
  let furthestBytes = part.sizeBytes;
  let gotFurther = false;
  let mayStartOver = true;
  for (;;) {
    const step = await receiveRest(transfer);
    if (step.kind === 'complete') return undefined;
    if (step.kind === 'wrong') {
      if (step.isBeginningWrong && mayStartOver) {
        mayStartOver = false;
        await part.restart();
        continue;
      }
      await part.discard();
      return step.failure;
    }
    if (signal?.aborted) return interrupted;
    // measured from the furthest point ever: a hub that always begins again would otherwise be asked for ever
    const getsFurther = part.sizeBytes > furthestBytes;
    furthestBytes = Math.max(furthestBytes, part.sizeBytes);
    if (!(getsFurther && gotFurther)) counted++;
    gotFurther = getsFurther;
    if (!step.failure.isTemporary || counted >= attempts) return step.failure;
    await wait(waitMsBefore(step.failure, retryWaitMs * 2 ** (counted - 1)), signal);
    if (signal?.aborted) return interrupted;
  }
}

function waitMsBefore({ retryAfterMs = 0 }: HubFailure, backoffMs: number): number {
  return Math.min(Math.max(retryAfterMs, backoffMs), maxWaitMs);
}

async function waitFor(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  // the caller looks at the signal
  await delay(waitMs, undefined, { signal }).catch(() => undefined);
}
