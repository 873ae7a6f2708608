import type { Result } from '@rerank-fleet/contract';
import { type FileProblem, type ParsedFile, refused } from './file-content';
import { parseFile, type ParseOptions } from './parse-file';

/** The used members of a browser's `File`. */
export interface DroppedFile {
  name: string;
  size: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface ReadOptions extends ParseOptions {
  /** Larger files are not read. */
  limitBytes: number;
  /** Whether bytes that are not Unicode may be GB18030: see {@link decodeText}. */
  isChinese: boolean;
}

/** Reads and parses a file. */
export async function readFile(
  file: DroppedFile,
  { limitBytes, isChinese, ...options }: ReadOptions,
): Promise<ParsedFile> {
  if (file.size > limitBytes) return refused({ code: 'too_large', sizeBytes: file.size, limitBytes });
  const bytes = await bytesOf(file);
  if (bytes === undefined) return refused({ code: 'unreadable' });
  const decoded = decodeText(bytes, isChinese);
  return decoded.ok ? parseFile({ name: file.name, text: decoded.text }, options) : decoded;
}

async function bytesOf(file: DroppedFile): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}

/**
 * Decodes UTF-8 (with or without byte order mark) or UTF-16 with a byte order mark. The mark is removed.
 *
 * @param isChinese whether other bytes are decoded as GB18030, in which spreadsheets of Chinese systems are saved. Set
 *   it only for a user who reads Chinese, because most bytes of any encoding are valid GB18030.
 */
export function decodeText(
  bytes: Uint8Array<ArrayBuffer>,
  isChinese: boolean,
): Result<{ text: string }, { problem: FileProblem }> {
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-8' && bytes.includes(0)) return refused({ code: 'binary' });
  const text = decode(bytes, encoding) ?? (isChinese && encoding === 'utf-8' ? decode(bytes, 'gb18030') : undefined);
  if (text === undefined) return refused({ code: 'not_unicode' });
  return text.includes('\0') ? refused({ code: 'binary' }) : { ok: true, text };
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function decode(bytes: Uint8Array<ArrayBuffer>, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
