import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Result } from '@rerank-fleet/contract';
import { fileUrl } from './address';
import { type HubFailure, type Wanted, diskFailure, interrupted } from './failure';
import { type PartFile, checkFile, openPart } from './part-file';
import { isStated } from './checksum';
import { checksumFault, contentFailure, isWrongContent } from './content-failure';
import { type Transfer, receiveRest } from './receive';
import type { HubFile } from './hub-file';
import { type HubOptions, describeWanted } from './request';

/** Options of a download. */
export interface DownloadOptions extends HubOptions {
  repo: string;
  /** A commit, or the name of a revision. */
  commit: string;
  /** Called with the number of bytes on the disk. It falls when the download starts over. */
  onProgress?(bytesSoFar: number): void;
  /** The wait before the second attempt. It doubles per attempt, up to 60 s. Default: 1 s. */
  retryWaitMs?: number;
  /** Number of attempts. Of consecutive attempts that each made progress only the first counts. Default: 5. */
  attempts?: number;
  /** Opens a file; for tests. */
  openFile?: typeof open;
  /** Waits, at most until the signal aborts; for tests. */
  wait?(waitMs: number, signal: AbortSignal | undefined): Promise<void>;
}

const maxWaitMs = 60_000;

/** The result of a download. `sha256` is the checksum of the content, also if the hub stated another kind. */
export type Downloaded = Result<{ sha256: string }, { message: string }>;

/**
 * Downloads a file and checks its size and checksum. The bytes are written to `<target>.part`. This call and later ones
 * continue the part, and it is renamed to the target once it is correct. A correct target costs no request. For a file
 * without a stated checksum only the size is checked, and files from an earlier call are not reused.
 * @returns a failure with one line for the operator. The part stays unless its content is wrong.
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
  // The part may be of another revision, which no checksum would show.
  if (part.sizeBytes > 0 && !isStated(file)) await part.restart();
  // A complete part was left by a process that died before it checked the part, or by another version of the file.
  if (part.sizeBytes >= file.sizeBytes) {
    const verdict = part.verdict();
    if (verdict.ok && part.sizeBytes === file.sizeBytes && !isWrongContent(part.start, file)) {
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

/** Renames a complete part to the target if its content is correct, otherwise deletes it. */
async function settle(part: PartFile, target: string, { file, wanted }: Job): Promise<Downloaded> {
  const verdict = part.verdict();
  const { start } = part;
  if (verdict.ok && !isWrongContent(start, file)) {
    await part.commit(target);
    return verdict;
  }
  await part.discard();
  const otherwise = verdict.ok ? 'other content was received instead of the file' : checksumFault(verdict);
  const { message } = contentFailure(start, { path: file.path, name: wanted.name, otherwise });
  return { ok: false, message };
}

/** Retries until the part is complete. Returns the failure that stopped it. */
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
    // Progress counts from the highest size so far, so that a hub that always starts over is not retried without end.
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
  // The caller checks the signal.
  await delay(waitMs, undefined, { signal }).catch(() => undefined);
}
