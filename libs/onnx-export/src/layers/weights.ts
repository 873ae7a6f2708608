import { ExportError } from '../errors/export-error';
import type { GraphBuilder, Value } from '../onnx/graph';
import type { Checkpoint, FloatTensor } from '../safetensors/checkpoint';

/** How the weights of linear layers are stored. */
export const precisions = ['fp32', 'int8'] as const;
export type Precision = (typeof precisions)[number];

/** `compared`: computed both ways. The graph continues with fp32 and has the error of int8 as an output more. */
export type LayerPrecision = Precision | 'compared';

/** What a layer is built with. */
export interface Build {
  graph: GraphBuilder;
  checkpoint: Checkpoint;
  /** The precision of a linear layer, by its name. Layers with the same input have that of the first. */
  precisionOf(layer: string): LayerPrecision;
}

/** Elements that are read and converted at once: 16 MiB of float32. */
const partElements = 4 * 1024 * 1024;

/** A tensor as it is stored, with rows of the first axis in order. */
export function storedWeight({ graph, checkpoint }: Build, name: string, shape: readonly number[]): Value {
  const tensor = checkpoint.tensor(name, shape);
  return graph.weight({ name, type: 'float32', shape, parts: () => rowParts(tensor) });
}

async function* rowParts(tensor: FloatTensor): AsyncIterable<Uint8Array> {
  const [rows = 1, ...rest] = tensor.shape;
  const width = rest.reduce((product, axis) => product * axis, 1);
  const step = Math.max(1, Math.floor(partElements / width));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const write = await tensor.rows(first, count);
    const part = new Uint32Array(count * width);
    write(0, part.length, { target: part, at: 0, stride: 1 });
    yield new Uint8Array(part.buffer);
  }
}

/** The shapes of linear layers with the same input. */
export interface LinearShape {
  inputs: number;
  outputs: readonly number[];
}

/** Weights [out, in] of linear layers with the same input, joined and transposed to [in, sum of out] for MatMul. */
export function transposedWeight({ graph, checkpoint }: Build, names: readonly string[], shape: LinearShape): Value {
  const tensors = linearTensors(checkpoint, names, shape);
  const width = joinedWidth(shape);
  return graph.weight({
    name: names.join('|'),
    type: 'float32',
    shape: [shape.inputs, width],
    parts: () => transposedParts(tensors, shape.inputs, width),
  });
}

/** The tensors of linear layers, [out, in] each. */
export function linearTensors(checkpoint: Checkpoint, names: readonly string[], shape: LinearShape): FloatTensor[] {
  return names.map((name, index) => checkpoint.tensor(name, [shape.outputs[index] as number, shape.inputs]));
}

/** The width of the joined outputs. */
export const joinedWidth = ({ outputs }: Pick<LinearShape, 'outputs'>): number =>
  outputs.reduce((total, size) => total + size, 0);

async function* transposedParts(
  tensors: readonly FloatTensor[],
  inputs: number,
  width: number,
): AsyncIterable<Uint8Array> {
  const sources = await Promise.all(tensors.map((tensor) => tensor.rows(0, tensor.shape[0] as number)));
  const step = columnsPerPart(width);
  for (let first = 0; first < inputs; first += step) {
    const count = Math.min(step, inputs - first);
    const target = new Uint32Array(count * width);
    let at = 0;
    for (const [index, write] of sources.entries()) {
      const outputs = tensors[index]?.shape[0] as number;
      for (let output = 0; output < outputs; output++, at++) {
        write(output * inputs + first, count, { target, at, stride: width });
      }
    }
    yield new Uint8Array(target.buffer);
  }
}

/** A small block of columns: its rows in a part stay in the processor's cache. */
function columnsPerPart(width: number): number {
  return Math.max(1, Math.min(256, Math.floor(partElements / width)));
}

/** Vectors of several layers, joined to one. */
export function joinedVector({ graph, checkpoint }: Build, names: readonly string[], sizes: readonly number[]): Value {
  const tensors = names.map((name, index) => checkpoint.tensor(name, [sizes[index] as number]));
  return graph.weight({
    name: names.join('|'),
    type: 'float32',
    shape: [joinedWidth({ outputs: sizes })],
    async *parts() {
      for (const tensor of tensors) yield* rowParts(tensor);
    },
  });
}

/** The difference of two rows of a tensor as a column, [size, 1]: the weights of the logit yes - no. */
export function rowDifference(
  { graph, checkpoint }: Build,
  name: string,
  { shape, rows: [plus, minus] }: { shape: readonly [number, number]; rows: readonly [number, number] },
): Value {
  const tensor = checkpoint.tensor(name, shape);
  const beyond = [plus, minus].find((row) => row >= shape[0]);
  if (beyond !== undefined) throw new ExportError(`the tensor ${name} has no row ${beyond}`);
  return graph.weight({
    name: `${name}[${plus}] - ${name}[${minus}]`,
    type: 'float32',
    shape: [shape[1], 1],
    async *parts() {
      const [first, second] = await Promise.all([floatRows(tensor, plus, 1), floatRows(tensor, minus, 1)]);
      yield new Uint8Array(first.map((value, index) => value - (second[index] as number)).buffer);
    },
  });
}

/** The rows of all tensors in order, as float32 in blocks of bounded size. `first` is the number of a block's first row. */
export async function* rowBlocks(
  tensors: readonly FloatTensor[],
  inputs: number,
): AsyncIterable<{ weights: Float32Array; first: number }> {
  const step = Math.max(1, Math.floor(partElements / inputs));
  let first = 0;
  for (const tensor of tensors) {
    const rows = tensor.shape[0] as number;
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      yield { weights: await floatRows(tensor, row, count), first: first + row };
    }
    first += rows;
  }
}

/** Rows of a matrix as float32. */
async function floatRows(tensor: FloatTensor, first: number, count: number): Promise<Float32Array> {
  const write = await tensor.rows(first, count);
  const target = new Uint32Array(count * (tensor.shape[1] as number));
  write(0, target.length, { target, at: 0, stride: 1 });
  return new Float32Array(target.buffer);
}
