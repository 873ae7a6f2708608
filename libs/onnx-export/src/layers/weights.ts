import { ExportError, Float16RangeError } from '../errors/export-error';
import { elementTypes, type GraphBuilder, type Value } from '../onnx/graph';
import type { Checkpoint, FloatTensor } from '../safetensors/checkpoint';
import { roundToHalves } from '../safetensors/half-bits';
import { quoted } from '../safetensors/header';

/** How the weights of linear layers are stored. With fp16 all other weights and the activations are float16 too. */
export type Precision = 'fp32' | 'int8' | 'fp16' | 'q4';

/**
 * What a graph shows of each layer beside its result, as outputs more: the error of its product in another precision, or
 * the largest magnitude of its activations.
 */
export type Observed = 'int8' | 'q4' | 'range';

/** Types of activations, and of the weights that are not quantized. */
export type FloatType = 'float32' | 'float16';

/** What a layer is built with. */
export interface Build {
  graph: GraphBuilder;
  checkpoint: Checkpoint;
  float: FloatType;
  /** The type of stored embeddings. */
  embeddings: FloatType;
  observed?: Observed;
  /** The precision of a linear layer, by its name. */
  precisionOf(layer: string): Precision;
}

/** All in fp32: for the head of a model, which is a small part of the work. */
export const exactly = ({ graph, checkpoint }: Pick<Build, 'graph' | 'checkpoint'>): Build => ({
  ...{ graph, checkpoint, float: 'float32', embeddings: 'float32' },
  precisionOf: () => 'fp32',
});

/** The value in another type, if that differs. */
export const converted = (graph: GraphBuilder, value: Value, [from, to]: readonly [FloatType, FloatType]): Value =>
  from === to ? value : graph.node('Cast', [value], { attributes: { to: elementTypes[to] } });

/** Elements that are read and converted at once: 16 MiB of float32. */
const partElements = 4 * 1024 * 1024;

/** A tensor as it is stored, with rows of the first axis in order. */
export function storedWeight({ graph, checkpoint, float }: Build, name: string, shape: readonly number[]): Value {
  const tensor = checkpoint.tensor(name, shape);
  return graph.weight({ name, type: float, shape, parts: () => rowParts(tensor, float) });
}

/** The rows of a table of embeddings for indices, in the type of activations. */
export function embeddingRows(
  build: Build,
  { name, shape }: { name: string; shape: readonly number[] },
  indices: Value,
): Value {
  const { graph, float, embeddings } = build;
  const rows = graph.node('Gather', [storedWeight({ ...build, float: embeddings }, name, shape), indices]);
  return converted(graph, rows, [embeddings, float]);
}

/**
 * Bits of float32 as bytes of a type.
 * @throws Float16RangeError when float16 cannot hold one of them
 */
function bytesOf(bits: Uint32Array, type: FloatType, name: string): Uint8Array {
  if (type === 'float32') return new Uint8Array(bits.buffer);
  const { halves, beyond } = roundToHalves(bits);
  if (beyond === undefined) return new Uint8Array(halves.buffer);
  const value = new Float32Array(bits.buffer)[beyond];
  throw new Float16RangeError(`the tensor ${quoted(name)} holds ${value}, which float16 cannot hold`);
}

async function* rowParts(tensor: FloatTensor, type: FloatType): AsyncIterable<Uint8Array> {
  const [rows = 1, ...rest] = tensor.shape;
  const width = rest.reduce((product, axis) => product * axis, 1);
  const step = Math.max(1, Math.floor(partElements / width));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const write = await tensor.rows(first, count);
    const part = new Uint32Array(count * width);
    write(0, part.length, { target: part, at: 0, stride: 1 });
    yield bytesOf(part, type, tensor.name);
  }
}

/** A tensor [out, in] of a linear layer. */
export interface LinearWeight {
  name: string;
  inputs: number;
  outputs: number;
}

/** The weights of a linear layer, transposed to [in, out] for MatMul. */
export function transposedWeight(build: Build, { name, inputs, outputs }: LinearWeight): Value {
  const { graph, checkpoint, float } = build;
  const tensor = checkpoint.tensor(name, [outputs, inputs]);
  return graph.weight({
    name,
    type: float,
    shape: [inputs, outputs],
    async *parts() {
      for await (const part of transposedParts(tensor, inputs, outputs)) yield bytesOf(part, float, name);
    },
  });
}

async function* transposedParts(tensor: FloatTensor, inputs: number, outputs: number): AsyncIterable<Uint32Array> {
  const write = await tensor.rows(0, outputs);
  const step = columnsPerPart(outputs);
  for (let first = 0; first < inputs; first += step) {
    const count = Math.min(step, inputs - first);
    const target = new Uint32Array(count * outputs);
    for (let output = 0; output < outputs; output++) {
      write(output * inputs + first, count, { target, at: output, stride: outputs });
    }
    yield target;
  }
}

/** A small block of columns: its rows in a part stay in the processor's cache. */
function columnsPerPart(width: number): number {
  return Math.max(1, Math.min(256, Math.floor(partElements / width)));
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

/** The rows of a matrix in order, as float32 in blocks of bounded size. `first` is the number of a block's first row. */
export async function* rowBlocks(tensor: FloatTensor): AsyncIterable<{ weights: Float32Array; first: number }> {
  const [rows, inputs] = tensor.shape as [number, number];
  const step = Math.max(1, Math.floor(partElements / inputs));
  for (let first = 0; first < rows; first += step) {
    yield { weights: await floatRows(tensor, first, Math.min(step, rows - first)), first };
  }
}

/** Rows of a matrix as float32. */
async function floatRows(tensor: FloatTensor, first: number, count: number): Promise<Float32Array> {
  const write = await tensor.rows(first, count);
  const target = new Uint32Array(count * (tensor.shape[1] as number));
  write(0, target.length, { target, at: 0, stride: 1 });
  return new Float32Array(target.buffer);
}
