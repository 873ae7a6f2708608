import type { Refused, Result } from '@rerank-fleet/contract';
import { z } from 'zod';

/** Bytes per element, by the name of the type in the file. Other types are not weights of rerankers. */
const bytesPerElement = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
type StoredType = keyof typeof bytesPerElement;

/** Where one tensor of a file is. */
export interface StoredTensor {
  type: StoredType;
  shape: readonly number[];
  /** From the beginning of the file. */
  offsetBytes: number;
  sizeBytes: number;
}

export type ReadHeader = Result<{ tensors: Map<string, StoredTensor> }, { reason: string }>;

/** The length of the header is in the first 8 bytes. */
export const lengthBytes = 8;
/** The limit of the format's own implementation. */
const headerBytesMax = 100_000_000;

const count = z.number().int().nonnegative();
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const headerSchema = z.record(z.string(), z.unknown());

const refused = (reason: string): Refused<{ reason: string }> => ({ ok: false, reason });

/** The length of the header in bytes, from the first 8 bytes of a file. */
export function headerLength(first: Uint8Array, fileBytes: number): Result<{ length: number }, { reason: string }> {
  if (fileBytes < lengthBytes) return refused('it is shorter than 8 bytes');
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (length > headerBytesMax || length > fileBytes - lengthBytes) {
    return refused('it is not a safetensors file, or it is cut short');
  }
  return { ok: true, length };
}

/**
 * Reads the header of a safetensors file: a JSON object of tensors with type, shape and place in the data. The tensors
 * must fill the data without gaps, as the format demands, so a file that is cut short is refused.
 *
 * @param header the bytes after the first 8
 */
export function readHeader(header: Uint8Array, fileBytes: number): ReadHeader {
  const parsed = parse(header);
  if (!parsed.ok) return parsed;
  const dataStart = lengthBytes + header.length;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(parsed.entries)) {
    if (name === '__metadata__') continue;
    const read = readTensor(entry, dataStart);
    if (!read.ok) return refused(`its tensor ${quoted(name)} ${read.reason}`);
    tensors.set(name, read.tensor);
  }
  return fillsData(tensors, { dataStart, fileBytes });
}

function parse(header: Uint8Array): Result<{ entries: Record<string, unknown> }, { reason: string }> {
  try {
    const parsed = headerSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header)));
    if (parsed.success) return { ok: true, entries: parsed.data };
  } catch {
    // not JSON: refused like JSON of another shape
  }
  return refused('its header is not a JSON object');
}

function readTensor(entry: unknown, dataStart: number): Result<{ tensor: StoredTensor }, { reason: string }> {
  const parsed = tensorSchema.safeParse(entry);
  if (!parsed.success) return refused('has no usable dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  if (!Object.hasOwn(bytesPerElement, dtype)) return refused(`has the type ${quoted(dtype)}, which is not supported`);
  const type = dtype as StoredType;
  const sizeBytes = shape.reduce((product, axis) => product * axis, bytesPerElement[type]);
  if (offsets[1] - offsets[0] !== sizeBytes) return refused('has offsets that do not fit its shape');
  return { ok: true, tensor: { type, shape, offsetBytes: dataStart + offsets[0], sizeBytes } };
}

function fillsData(
  tensors: Map<string, StoredTensor>,
  { dataStart, fileBytes }: { dataStart: number; fileBytes: number },
): ReadHeader {
  let end = dataStart;
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offsetBytes - b.offsetBytes);
  for (const [name, { offsetBytes, sizeBytes }] of inOrder) {
    if (offsetBytes !== end) return refused(`its tensor ${quoted(name)} overlaps another one or leaves a gap`);
    end += sizeBytes;
  }
  if (end > fileBytes) return refused(`it is cut short: ${fileBytes} bytes, ${end} are needed`);
  if (end < fileBytes) return refused(`it has ${fileBytes - end} bytes after its last tensor`);
  return { ok: true, tensors };
}

/** A name from a file, shortened for messages. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
