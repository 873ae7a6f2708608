import type { FileHandle } from 'node:fs/promises';

/** One field of a protobuf message: a number, or the position of its bytes. */
export type Field =
  | { number: number; kind: 'number'; value: number }
  /** `start` is an offset in the file. */
  | { number: number; kind: 'bytes'; start: number; length: number };

/** The file is not protobuf, or is truncated. */
export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

const varintBytesMax = 10;
const windowBytes = 64 * 1024;
/** Longest text that is read. Names are short, and a damaged file can contain any length. */
const textBytesMax = 64 * 1024;

/** Reads the fields of a file and skips their contents, because weights are most of a model. */
export interface ProtobufReader {
  /** The fields of the message at this position, in order. @throws ProtobufError */
  fields(start: number, length: number): AsyncGenerator<Field>;
  /** The bytes of a field as text. @throws ProtobufError when the field is a number or too long for a name */
  text(field: Field): Promise<string>;
}

export function createProtobufReader(file: FileHandle): ProtobufReader {
  let window: Buffer = Buffer.alloc(0);
  let windowStart = 0;
  const at = async (start: number, length: number): Promise<Buffer> => {
    if (start < windowStart || start + length > windowStart + window.length) {
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(Math.max(length, windowBytes)),
        position: start,
      });
      window = buffer.subarray(0, bytesRead);
      windowStart = start;
    }
    return window.subarray(start - windowStart, start - windowStart + length);
  };
  return {
    async *fields(start, length) {
      const end = start + length;
      for (let position = start; position < end;) {
        const head = await at(position, Math.min(2 * varintBytesMax, end - position));
        const { field, size } = readField(head, position);
        if (position + size > end) throw new ProtobufError('it is cut short');
        position += size;
        if (field !== undefined) yield field;
      }
    },
    async text(field) {
      if (field.kind !== 'bytes') throw new ProtobufError('a number where a text was expected');
      if (field.length > textBytesMax) throw new ProtobufError(`a name of ${field.length} bytes`);
      return (await at(field.start, field.length)).toString('utf8');
    },
  };
}

/** The field at the start of `head`; `position` is the offset of `head`, `size` is the length of the whole field. */
function readField(head: Buffer, position: number): { field: Field | undefined; size: number } {
  const tag = readVarint(head, 0);
  const number = Math.floor(tag.value / 8);
  const rest = tag.end;
  switch (tag.value % 8) {
    case 0: {
      const { value, end } = readVarint(head, rest);
      return { field: { number, kind: 'number', value }, size: end };
    }
    case 1:
      return { field: undefined, size: rest + 8 };
    case 2: {
      const { value: length, end } = readVarint(head, rest);
      return { field: { number, kind: 'bytes', start: position + end, length }, size: end + length };
    }
    case 5:
      return { field: undefined, size: rest + 4 };
    default:
      throw new ProtobufError('it is not protobuf');
  }
}

/** A varint: 7 bits per byte, the lowest first. Values beyond 2^53 lose their last bits, which no field here needs. */
function readVarint(buffer: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < varintBytesMax; index++) {
    const byte = buffer[start + index];
    if (byte === undefined) throw new ProtobufError('it is cut short');
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  throw new ProtobufError('it is not protobuf');
}
