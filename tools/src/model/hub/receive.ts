import { isStated } from './checksum';
import { contentFailure, isPageType, isStandIn, pageFailure, sizeFault } from './content-failure';
import { type HubFailure, type Wanted, connectionFailure, lasting, statusFailure } from './failure';
import type { PartFile } from './part-file';
import type { HubFile } from './hub-file';
import { type HubAnswer, type HubOptions, callHub } from './request';

/** A file on its way into its part. */
export interface Transfer {
  part: PartFile;
  file: HubFile;
  wanted: Wanted;
  url: URL;
  options: HubOptions & { onProgress?(bytesSoFar: number): void };
  /** What the server calls the content that the part was begun with, of a file without a stated checksum. */
  validator?: string | undefined;
}

/** How one attempt ended. */
export type Step =
  /** The part has as many bytes as the file. */
  | { kind: 'complete' }
  /** The part is good as far as it goes. */
  | { kind: 'stopped'; failure: HubFailure }
  /** The part is not the file's; `isBeginningWrong` when it was so before this attempt, which added nothing. */
  | { kind: 'wrong'; failure: HubFailure; isBeginningWrong: boolean };

/** Asks once for the bytes that the part lacks and adds what comes. Rejects only with errors of the file system. */
export async function receiveRest(transfer: Transfer): Promise<Step> {
  const { part, file, wanted, url, options, validator } = transfer;
  // no checksum would show that the rest is of another content than the beginning
  if (part.sizeBytes > 0 && !isStated(file) && validator === undefined) await startOver(transfer);
  const headers = {
    // a compressed answer would have other sizes and ranges than the file
    'accept-encoding': 'identity',
    ...(part.sizeBytes > 0 ? { range: `bytes=${part.sizeBytes}-` } : {}),
    ...(part.sizeBytes > 0 && validator !== undefined ? { 'if-range': validator } : {}),
  };
  const call = await callHub(url, wanted, { ...options, headers });
  try {
    if (!call.answer.ok) return { kind: 'stopped', failure: call.answer };
    return await judge(call.answer, transfer);
  } finally {
    call.close();
  }
}

async function judge(answer: HubAnswer, transfer: Transfer): Promise<Step> {
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

/** Names a content so that a server can tell whether it still has the same; a weak name would not do. */
function validatorOf(headers: HubAnswer['headers']): string | undefined {
  const tag = headers.get('etag');
  return (tag?.startsWith('"') ? tag : headers.get('last-modified')) ?? undefined;
}

function continues(headers: HubAnswer['headers'], { part, file, validator }: Transfer): boolean {
  // a server may not know If-Range
  if (part.sizeBytes > 0 && validator !== undefined && validator !== validatorOf(headers)) return false;
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  return Number(first) === part.sizeBytes && (total === '*' || Number(total) === file.sizeBytes);
}

async function addAll(answer: HubAnswer, transfer: Transfer): Promise<Step> {
  const { part, file, options } = transfer;
  for (;;) {
    const read = await answer.read();
    const isWhole = part.sizeBytes === file.sizeBytes;
    // the end may be cut off: what matters is there, and its checksum decides
    if (!read.ok) return isWhole ? { kind: 'complete' } : stopped(read, transfer);
    if (!read.bytes) return isWhole ? { kind: 'complete' } : ended(answer, transfer);
    if (part.sizeBytes + read.bytes.length > file.sizeBytes) {
      const start = Buffer.concat([part.start, read.bytes.subarray(0, 512)]);
      return wrong(start, transfer, sizeFault(file, `more than ${file.sizeBytes}`));
    }
    await part.append(read.bytes);
    options.onProgress?.(part.sizeBytes);
  }
}

/** The answer is over and bytes are missing: was that all the hub has, or only all that came? */
function ended({ status, headers, host }: HubAnswer, transfer: Transfer): Step {
  const { part, file, wanted } = transfer;
  // without a length the end of an answer is just the end of the connection
  const isAll = status === 200 && (headers.has('content-length') || headers.has('transfer-encoding'));
  if (isAll) return wrong(part.start, transfer, sizeFault(file, String(part.sizeBytes)));
  return stopped(connectionFailure(undefined, host, wanted.name), transfer);
}

/** Keeps the part, unless its start shows that it is something else: that would never become the file. */
function stopped(failure: HubFailure, transfer: Transfer): Step {
  const { part, file } = transfer;
  return isStandIn(part.start, file.path) ? wrong(part.start, transfer, failure.message) : { kind: 'stopped', failure };
}

function wrong(start: Buffer, { file, wanted }: Transfer, otherwise: string): Step {
  const failure = contentFailure(start, { path: file.path, name: wanted.name, otherwise });
  return { kind: 'wrong', failure, isBeginningWrong: false };
}
