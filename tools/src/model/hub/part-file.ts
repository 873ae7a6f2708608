import { type FileHandle, type open, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Checksum, type Verdict, startChecksum } from './checksum';
import type { HubFile } from './hub-file';

/** The partial file of a download. Its methods reject with errors of the file system. */
export interface PartFile {
  readonly sizeBytes: number;
  /** The first bytes, at most {@link startBytes}. */
  readonly start: Buffer;
  append(bytes: Uint8Array): Promise<void>;
  /** Deletes the content. */
  restart(): Promise<void>;
  /** Compares the checksum with the hub's. Then only `restart`, `commit`, `discard` and `close` may be called. */
  verdict(): Verdict;
  /** Syncs the content to the disk and renames the file to the target. */
  commit(target: string): Promise<void>;
  discard(): Promise<void>;
  /** Closes the file and keeps it for the next call; an empty file is removed. May be called more than once. */
  close(): Promise<void>;
}

/** Options of {@link openPart} and {@link checkFile}. */
export interface PartOptions {
  file: HubFile;
  openFile: typeof open;
  signal?: AbortSignal | undefined;
}

/** Bytes of a file's start that are kept in memory, to recognise web pages and pointers. */
const startBytes = 512;

const readBytes = 1 << 20;

/** Opens or creates a partial file and its folder, and hashes its content. Rejects when the signal aborts. */
export async function openPart(path: string, options: PartOptions): Promise<PartFile> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await options.openFile(path, 'a+');
  try {
    const content = await readContent(handle, options);
    return createPart(handle, path, { ...content, file: options.file });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Checks an existing file; undefined if there is no file of the stated size. Rejects when the signal aborts. */
export async function checkFile(path: string, options: PartOptions): Promise<Verdict | undefined> {
  const handle = await options.openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size !== options.file.sizeBytes) return undefined;
    return (await readContent(handle, options)).checksum.verdict();
  } finally {
    await handle.close();
  }
}

interface Content {
  checksum: Checksum;
  sizeBytes: number;
  start: Buffer;
}

async function readContent(handle: FileHandle, { file, signal }: PartOptions): Promise<Content> {
  const content: Content = emptyContent(file);
  const buffer = Buffer.alloc(readBytes);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, content.sizeBytes);
    if (bytesRead === 0) return content;
    take(content, buffer.subarray(0, bytesRead));
  }
}

function emptyContent(file: HubFile): Content {
  return { checksum: startChecksum(file), sizeBytes: 0, start: Buffer.alloc(0) };
}

function take(content: Content, bytes: Uint8Array): void {
  content.checksum.update(bytes);
  content.sizeBytes += bytes.length;
  const missing = startBytes - content.start.length;
  if (missing > 0) content.start = Buffer.concat([content.start, bytes.subarray(0, missing)]);
}

function createPart(handle: FileHandle, path: string, found: Content & { file: HubFile }): PartFile {
  let content: Content = found;
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await handle.close();
  };
  const discard = async () => {
    await close();
    await rm(path, { force: true });
  };
  return {
    get sizeBytes() {
      return content.sizeBytes;
    },
    get start() {
      return content.start;
    },
    async append(bytes) {
      await writeAll(handle, bytes);
      take(content, bytes);
    },
    async restart() {
      await handle.truncate(0);
      content = emptyContent(found.file);
    },
    verdict: () => content.checksum.verdict(),
    async commit(target) {
      await handle.sync();
      await close();
      await rename(path, target);
    },
    discard,
    async close() {
      if (isOpen && content.sizeBytes === 0) await discard();
      else await close();
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let writtenBytes = 0; writtenBytes < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, writtenBytes);
    writtenBytes += bytesWritten;
  }
}
