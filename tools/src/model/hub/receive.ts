import { isStated } from './checksum';
import { contentFailure, isPageType, isSubstitute, pageFailure, sizeFault } from './content-failure';
import { type HubFailure, type Wanted, connectionFailure, lasting, statusFailure } from './failure';
import type { PartFile } from './part-file';
import type { HubFile } from './hub-file';
import { type HubAnswer, type HubOptions, callHub } from './request';

/** The download of a file into its part. */
export interface Transfer {
  part: PartFile;
  file: HubFile;
  wanted: Wanted;
  url: URL;
  options: HubOptions & { onProgress?(bytesSoFar: number): void };
  /** ETag or Last-Modified of the content that the part started with; only for files without a stated checksum. */
  validator?: string | undefined;
}

/** The result of one attempt. */
export type Step =
  /** The part has the size of the file. */
  | { kind: 'complete' }
  /** The bytes so far may be correct. */
  | { kind: 'stopped'; failure: HubFailure }
  /** The part has wrong content; `isBeginningWrong` if it had before this attempt, which added nothing. */
  | { kind: 'wrong'; failure: HubFailure; isBeginningWrong: boolean };

/** Requests the missing bytes once and appends them to the part. Rejects only with errors of the file system. */
export async function receiveRest(transfer: Transfer): Promise<Step> {
  const { part, file, wanted, url, options, validator } = transfer;
  // No checksum would show that the rest belongs to another content than the start.
  if (part.sizeBytes > 0 && !isStated(file) && validator === undefined) await startOver(transfer);
  const headers = {
    // A compressed answer has other sizes and ranges than the file.
    'accept-encoding': 'identity',
    ...(part.sizeBytes > 0 ? { range: `bytes=${part.sizeBytes}-` } : {}),
    ...(part.sizeBytes > 0 && validator !== undefined ? { 'if-range': validator } : {}),
  };
  const call = await callHub(url, wanted, { ...options, headers });
  try {
    if (!call.answer.ok) return { kind: 'stopped', failure: call.answer };
    return await handleAnswer(call.answer, transfer);
  } finally {
    call.close();
  }
}

async function handleAnswer(answer: HubAnswer, transfer: Transfer): Promise<Step> {
  const { part, file, wanted } = transfer;
  const { status, headers, host } = answer;
  if (status === 416 || (status === 206 && !continues(headers, transfer))) {
    const failure = lasting(`${wanted.name}: ${host} has no such range of the file: run the same command again`);
    return { kind: 'wrong', failure, isBeginningWrong: true };
  }
  if (status !== 200 && status !== 206) return { kind: 'stopped', failure: statusFailure(answer, wanted) };
  if (isPageType(headers.get('content-type'), file.path)) {
    return { kind: 'stopped', failure: pageFailure(wanted.name, host) };
  }
  if (status === 200 && part.sizeBytes > 0) await startOver(transfer);
  if (part.sizeBytes === 0 && !isStated(file)) transfer.validator = validatorOf(headers);
  return addAll(answer, transfer);
}

async function startOver({ part, options }: Transfer): Promise<void> {
  await part.restart();
  options.onProgress?.(0);
}

/** A validator for If-Range: a strong ETag, otherwise Last-Modified. A weak ETag is not allowed there. */
function validatorOf(headers: HubAnswer['headers']): string | undefined {
  const tag = headers.get('etag');
  return (tag?.startsWith('"') ? tag : headers.get('last-modified')) ?? undefined;
}

function continues(headers: HubAnswer['headers'], { part, file, validator }: Transfer): boolean {
  // A server may ignore If-Range.
  if (part.sizeBytes > 0 && validator !== undefined && validator !== validatorOf(headers)) return false;
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  return Number(first) === part.sizeBytes && (total === '*' || Number(total) === file.sizeBytes);
}

async function addAll(answer: HubAnswer, transfer: Transfer): Promise<Step> {
  const { part, file, options } = transfer;
  for (;;) {
    const read = await answer.read();
    const isWhole = part.sizeBytes === file.sizeBytes;
    // A cut connection does not matter once all bytes are there: the checksum decides.
    if (!read.ok) return isWhole ? { kind: 'complete' } : stopped(read, transfer);
    if (!read.bytes) return isWhole ? { kind: 'complete' } : endedEarly(answer, transfer);
    if (part.sizeBytes + read.bytes.length > file.sizeBytes) {
      const start = Buffer.concat([part.start, read.bytes.subarray(0, 512)]);
      return wrong(start, transfer, sizeFault(file, `more than ${file.sizeBytes}`));
    }
    await part.append(read.bytes);
    options.onProgress?.(part.sizeBytes);
  }
}

/** Handles an answer that ended early: either the hub's file is shorter, or the connection was cut. */
function endedEarly({ status, headers, host }: HubAnswer, transfer: Transfer): Step {
  const { part, file, wanted } = transfer;
  // Without a length, the end of the answer may be a cut connection.
  const isAll = status === 200 && (headers.has('content-length') || headers.has('transfer-encoding'));
  if (isAll) return wrong(part.start, transfer, sizeFault(file, String(part.sizeBytes)));
  return stopped(connectionFailure(undefined, host, wanted.name), transfer);
}

/** Keeps the part, unless its start shows that it can never become the file. */
function stopped(failure: HubFailure, transfer: Transfer): Step {
  const { part, file } = transfer;
  return isSubstitute(part.start, file.path)
    ? wrong(part.start, transfer, failure.message)
    : { kind: 'stopped', failure };
}

function wrong(start: Buffer, { file, wanted }: Transfer, otherwise: string): Step {
  const failure = contentFailure(start, { path: file.path, name: wanted.name, otherwise });
  return { kind: 'wrong', failure, isBeginningWrong: false };
}
