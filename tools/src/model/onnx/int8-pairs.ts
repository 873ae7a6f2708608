import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { integerProducts, type OnnxGraph, type StoredTensor } from './read-graph';

/** Other operators that multiply integers. The pairs of their weights are not known here. */
const otherProducts = [
  ...['QLinearConv', 'ConvInteger', 'com.microsoft:QAttention', 'com.microsoft:QGemm'],
  'com.microsoft:DynamicQuantizeLSTM',
];

/**
 * Whether sums of 8-bit products may overflow in this graph on a processor that adds pairs of them in 16 bits: products
 * of an activation (0 to 255) and two weights of one column, in rows 2i and 2i + 1. False only if every pair of weights
 * was read and is small enough.
 * @param path the graph's file. Files with external weights are in the same folder.
 */
export async function int8PairsMayOverflow(graph: OnnxGraph, path: string): Promise<boolean> {
  const count = (names: string[]) => names.reduce((sum, name) => sum + (graph.operators[name] ?? 0), 0);
  const isReadable = graph.integerWeights.length === count(Object.keys(integerProducts)) && count(otherProducts) === 0;
  if (!isReadable) return true;
  for (const weights of graph.integerWeights) {
    if (await mayOverflow(weights, path)) return true;
  }
  return false;
}

const columnsMax = 2 ** 20;
const bytesPerRead = 2 ** 20;
/** 255 x 128 fits into 16 bits. */
const pairMax = 128;

async function mayOverflow({ type, dims, bytes }: StoredTensor, path: string): Promise<boolean> {
  // products of two unsigned numbers are added in 32 bits
  if (type === 'uint8') return false;
  const [rows = 0, columns = 0, ...more] = dims;
  const isMatrix = more.length === 0 && rows > 0 && columns > 0 && columns <= columnsMax;
  if (type !== 'int8' || !isMatrix || bytes?.length !== rows * columns) return true;
  // an offset in a file beside the graph is any text that the graph contains
  if (!Number.isSafeInteger(bytes.start) || bytes.start < 0) return true;
  const file = await open(bytes.file === undefined ? path : join(dirname(path), bytes.file));
  try {
    return await hasLargePair(file, { start: bytes.start, rows, columns });
  } finally {
    await file.close();
  }
}

interface Matrix {
  /** Offset in the file. */
  start: number;
  rows: number;
  columns: number;
}

async function hasLargePair(file: FileHandle, { start, rows, columns }: Matrix): Promise<boolean> {
  const rowsPerRead = 2 * Math.ceil(bytesPerRead / (2 * columns));
  for (let row = 0; row < rows; row += rowsPerRead) {
    const buffer = new Int8Array(Math.min(rowsPerRead, rows - row) * columns);
    const { bytesRead } = await file.read({ buffer, position: start + row * columns });
    if (bytesRead < buffer.length) return true;
    for (let pair = 0; pair < buffer.length; pair += 2 * columns) {
      for (let at = pair; at < pair + columns; at++) {
        const [first, second] = [buffer[at] ?? 0, buffer[at + columns] ?? 0];
        if (first * second > 0 && Math.abs(first + second) > pairMax) return true;
      }
    }
  }
  return false;
}
