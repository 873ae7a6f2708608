import { ExportError } from '../errors/export-error';
import type { GraphBuilder, Value } from '../onnx/graph';
import type { Checkpoint, FloatTensor } from '../safetensors/checkpoint';

/** What a layer is built with. */
export interface Build {
  graph: GraphBuilder;
  checkpoint: Checkpoint;
}

/** Elements per part of a weight: 16 MiB of float32. */
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

/** Weights [out, in] of linear layers with the same input, joined and transposed to [in, sum of out] for MatMul. */
export function transposedWeight(
  { graph, checkpoint }: Build,
  names: readonly string[],
  { inputs, outputs }: { inputs: number; outputs: readonly number[] },
): Value {
  const tensors = names.map((name, index) => checkpoint.tensor(name, [outputs[index] as number, inputs]));
  const width = outputs.reduce((sum, size) => sum + size, 0);
  return graph.weight({
    name: names.join('|'),
    type: 'float32',
    shape: [inputs, width],
    parts: () => transposedParts(tensors, inputs, width),
  });
}

async function* transposedParts(
  tensors: readonly FloatTensor[],
  inputs: number,
  width: number,
): AsyncIterable<Uint8Array> {
  const sources = await Promise.all(tensors.map((tensor) => tensor.rows(0, tensor.shape[0] as number)));
  // a small block of columns: its rows in the part stay in the processor's cache
  const step = Math.max(1, Math.min(256, Math.floor(partElements / width)));
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

/** Vectors of several layers, joined to one. */
export function joinedVector({ graph, checkpoint }: Build, names: readonly string[], sizes: readonly number[]): Value {
  const tensors = names.map((name, index) => checkpoint.tensor(name, [sizes[index] as number]));
  return graph.weight({
    name: names.join('|'),
    type: 'float32',
    shape: [sizes.reduce((sum, size) => sum + size, 0)],
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
      const [first, second] = await Promise.all([floatRow(tensor, plus), floatRow(tensor, minus)]);
      yield new Uint8Array(first.map((value, index) => value - (second[index] as number)).buffer);
    },
  });
}

async function floatRow(tensor: FloatTensor, row: number): Promise<Float32Array> {
  const write = await tensor.rows(row, 1);
  const target = new Uint32Array(tensor.shape[1] as number);
  write(0, target.length, { target, at: 0, stride: 1 });
  return new Float32Array(target.buffer);
}
