import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor to write: float32 values, or bytes of another type. */
export interface TensorToWrite {
  shape: number[];
  dtype?: string;
  values?: number[];
  bytes?: Uint8Array;
}

/** The bytes of a safetensors file with these tensors, as the format describes it. */
export function safetensorsBytes(
  tensors: Record<string, TensorToWrite>,
  change: HeaderChange = (same) => same,
): Buffer {
  let end = 0;
  const parts: Uint8Array[] = [];
  const header: Record<string, unknown> = {};
  for (const [name, { shape, dtype = 'F32', values = [], bytes }] of Object.entries(tensors)) {
    const data = bytes ?? new Uint8Array(Float32Array.from(values).buffer);
    header[name] = { dtype, shape, data_offsets: [end, (end += data.length)] };
    parts.push(data);
  }
  return withHeader(change(header), Buffer.concat(parts));
}

export type HeaderChange = (header: Record<string, unknown>) => unknown;

/** A header of any content before the data. */
export function withHeader(header: unknown, data: Uint8Array): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

/** Writes files into a folder. */
export function writeFiles(folder: string, files: Record<string, Uint8Array | string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
