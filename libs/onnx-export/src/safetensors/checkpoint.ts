import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExportError } from '../errors/export-error';
import { floatDecoder, floatTypes, type DecodedPlace, type FloatType } from './float-bits';
import { headerLength, lengthBytes, quoted, readHeader, type StoredTensor } from './header';

/** The weights of a model, from one safetensors file or from shards with an index. */
export interface Checkpoint {
  /** Names of the tensors that nothing has asked for. */
  unused(): string[];
  /**
   * A tensor that must be there with this shape.
   * @throws ExportError
   */
  tensor(name: string, shape: readonly number[]): FloatTensor;
  close(): Promise<void>;
}

/** Writes `count` elements from index `first` of the rows on. */
type WriteFloats = (first: number, count: number, place: DecodedPlace) => void;

/** A tensor of float32, float16 or bfloat16. It is in the file until it is read. */
export interface FloatTensor {
  name: string;
  shape: readonly number[];
  /**
   * Reads rows of the first axis as they are stored. The result writes elements of these rows as bits of float32, and
   * throws an ExportError when one of them is infinite or not a number.
   */
  rows(first: number, count: number): Promise<WriteFloats>;
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The names of a checkpoint's files in a repository. */
export const singleFile = 'model.safetensors';
export const indexFile = 'model.safetensors.index.json';

/**
 * The files that an index names, in order.
 * @throws ExportError
 */
export function shardsOf(index: Uint8Array): { files: string[]; fileOf: Map<string, string> } {
  const parsed = indexSchema.safeParse(jsonOrUndefined(index));
  if (!parsed.success) throw new ExportError(`${indexFile} has no weight_map of tensors to files`);
  const fileOf = new Map(Object.entries(parsed.data.weight_map));
  const files = [...new Set(fileOf.values())].sort();
  const strange = files.find((name) => !plainName.test(name) || !name.endsWith('.safetensors'));
  if (strange !== undefined) throw new ExportError(`${indexFile} names ${quoted(strange)}, which is not a shard`);
  if (files.length === 0) throw new ExportError(`${indexFile} names no file`);
  return { files, fileOf };
}

function jsonOrUndefined(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Opens the weights in a folder and checks the headers of all files. Tensors are read when they are needed.
 * @throws ExportError
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const index = await readFile(join(folder, indexFile)).catch(() => undefined);
  const shards = index ? shardsOf(index) : { files: [singleFile], fileOf: undefined };
  const handles: FileHandle[] = [];
  const close = async () => {
    await Promise.all(handles.map((handle) => handle.close()));
  };
  try {
    const found = new Map<string, Located>();
    for (const file of shards.files) {
      const handle = await open(join(folder, file)).catch(() => undefined);
      if (!handle) throw new ExportError(`there is no ${file}`);
      handles.push(handle);
      for (const [name, stored] of await readTensors(handle, file)) found.set(name, { stored, handle, file });
    }
    for (const [name, file] of shards.fileOf ?? []) {
      if (found.get(name)?.file !== file)
        throw new ExportError(`${indexFile} names the tensor ${quoted(name)} in ${file}, which is not there`);
    }
    return checkpointOf(found, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function checkpointOf(found: ReadonlyMap<string, Located>, close: Checkpoint['close']): Checkpoint {
  const used = new Set<string>();
  return {
    unused: () => [...found.keys()].filter((name) => !used.has(name)),
    tensor(name, shape) {
      used.add(name);
      return floatTensor(found.get(name), name, shape);
    },
    close,
  };
}

interface Located {
  stored: StoredTensor;
  handle: FileHandle;
  file: string;
}

async function readTensors(handle: FileHandle, file: string): Promise<Map<string, StoredTensor>> {
  const { size } = await handle.stat();
  const first = await bytesAt(handle, 0, Math.min(lengthBytes, size));
  const length = headerLength(first, size);
  if (!length.ok) throw new ExportError(`${file}: ${length.reason}`);
  const read = readHeader(await bytesAt(handle, lengthBytes, length.length), size);
  if (!read.ok) throw new ExportError(`${file}: ${read.reason}`);
  return read.tensors;
}

function floatTensor(found: Located | undefined, name: string, shape: readonly number[]): FloatTensor {
  if (!found) throw new ExportError(`there is no tensor ${quoted(name)}`);
  const { stored, handle } = found;
  if (stored.shape.join() !== shape.join()) {
    throw new ExportError(
      `the tensor ${quoted(name)} has the shape [${stored.shape.join(', ')}], but by config.json it is [${shape.join(', ')}]`,
    );
  }
  const type = floatTypes.find((one) => one === stored.type);
  if (type === undefined) throw new ExportError(`the tensor ${quoted(name)} is of the type ${stored.type}`);
  const rowBytes = stored.sizeBytes / (shape[0] ?? 1);
  return {
    name,
    shape,
    async rows(first, count) {
      const bytes = await bytesAt(handle, stored.offsetBytes + first * rowBytes, count * rowBytes);
      return finite(name, type, bytes);
    },
  };
}

function finite(name: string, type: FloatType, bytes: Uint8Array): WriteFloats {
  const decode = floatDecoder(type, bytes);
  return (first, count, place) => {
    if (decode(first, count, place)) return;
    throw new ExportError(`the tensor ${quoted(name)} holds a value that is not a number`);
  };
}

/** Largest number of bytes per read call: one call of the system reads at most 2 GiB. */
const readBytesMax = 2 ** 30;

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, readBytesMax), offset + done);
    if (bytesRead === 0) throw new ExportError('a file of the weights became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}
