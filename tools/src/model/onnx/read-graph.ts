import { open, type FileHandle } from 'node:fs/promises';
import { createProtobufReader, ProtobufError, type Field, type ProtobufReader } from './protobuf';

/** Names of the element types, by their number in ONNX. */
const elementTypes: Record<number, string> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  16: 'bfloat16',
};

/** An input or output of a graph. A dimension is a size, or a name if it is dynamic. */
export interface GraphValue {
  name: string;
  type: string;
  dims: (number | string)[];
}

/** A tensor that a graph contains. */
export interface StoredTensor {
  name: string;
  type: string;
  dims: number[];
  /** Where its bytes are: in a file beside the graph, or in the graph's own. Absent if they are not stored as bytes. */
  bytes?: { file?: string; start: number; length: number };
}

/** Operators that multiply matrices of integers, and the input that holds the weights, [rows, columns]. */
export const integerProducts: Record<string, number> = {
  MatMulInteger: 1,
  QLinearMatMul: 3,
  'com.microsoft:MatMulIntegerToFloat': 1,
  'com.microsoft:DynamicQuantizeMatMul': 1,
};

/** The facts about a graph in an ONNX file, without its weights. */
export interface OnnxGraph {
  irVersion: number;
  /** Version of each operator set, by domain; the standard domain is ''. */
  opsets: Record<string, number>;
  inputs: GraphValue[];
  outputs: GraphValue[];
  /** Number of nodes per operator. The name is `domain:type`, for standard operators without a domain. */
  operators: Record<string, number>;
  /** Files beside this one that hold weights, with the number of bytes needed of each. */
  externalFiles: Record<string, number>;
  /** The operator that computes each output. Operators that only move values or change their type are skipped. */
  producers: Record<string, string>;
  /** Weights of the matrix products of integers, apart from those in subgraphs or made by other nodes. */
  integerWeights: StoredTensor[];
  /** Number of stored weights, by their type. Those in subgraphs and constant nodes do not count. */
  weightCounts: Record<string, number>;
}

/**
 * Reads the shape of a graph (onnx.proto of ONNX 1.x) and skips its weights.
 * @throws ProtobufError when the file is not a complete ONNX file
 */
export async function readGraph(path: string): Promise<OnnxGraph> {
  const file = await open(path);
  try {
    return await readModel(file);
  } finally {
    await file.close();
  }
}

async function readModel(file: FileHandle): Promise<OnnxGraph> {
  const reader = createProtobufReader(file);
  const graph: OnnxGraph = {
    irVersion: 0,
    opsets: emptyRecord(),
    inputs: [],
    outputs: [],
    operators: emptyRecord(),
    externalFiles: emptyRecord(),
    producers: emptyRecord(),
    integerWeights: [],
    weightCounts: emptyRecord(),
  };
  const { size } = await file.stat();
  if (size === 0) throw new ProtobufError('it is empty');
  let hasGraph = false;
  for await (const field of reader.fields(0, size)) {
    if (field.kind === 'number' && field.number === 1) graph.irVersion = field.value;
    if (field.kind !== 'bytes') continue;
    if (field.number === 7) await readGraphFields(reader, field, graph);
    if (field.number === 8) await readOpset(reader, field, graph);
    hasGraph ||= field.number === 7;
  }
  // A file that is truncated between two fields is still valid protobuf.
  if (!hasGraph) throw new ProtobufError('it contains no graph');
  if (Object.keys(graph.opsets).length === 0) throw new ProtobufError('it names no operator set');
  return graph;
}

/** A record without a prototype, because a file may use a name such as `constructor`. */
function emptyRecord<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

type Bytes = Extract<Field, { kind: 'bytes' }>;

async function readOpset(reader: ProtobufReader, opset: Bytes, graph: OnnxGraph): Promise<void> {
  let domain = '';
  let version = 0;
  for await (const field of reader.fields(opset.start, opset.length)) {
    if (field.number === 1) domain = await reader.text(field);
    if (field.kind === 'number' && field.number === 2) version = field.value;
  }
  graph.opsets[domain] = version;
}

async function readGraphFields(reader: ProtobufReader, message: Bytes, graph: OnnxGraph): Promise<void> {
  const initializers = new Map<string, StoredTensor>();
  const nodes = new Map<string, GraphNode>();
  for await (const field of reader.fields(message.start, message.length)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) {
      const node = await readNode(reader, field, graph);
      for (const output of node.outputs) nodes.set(output, node);
    }
    if (field.number === 5) {
      const tensor = await readInitializer(reader, field, graph);
      initializers.set(tensor.name, tensor);
      const count = tensor.dims.reduce((product, size) => product * size, 1);
      graph.weightCounts[tensor.type] = (graph.weightCounts[tensor.type] ?? 0) + count;
    }
    if (field.number === 11) graph.inputs.push(await readValue(reader, field));
    if (field.number === 12) graph.outputs.push(await readValue(reader, field));
  }
  // Older exporters list weights as inputs too. Callers do not feed them.
  graph.inputs = graph.inputs.filter(({ name }) => !initializers.has(name));
  for (const { name } of graph.outputs) {
    const producer = producerOf(name, nodes);
    if (producer !== undefined) graph.producers[name] = producer;
  }
  for (const { operator, inputs } of nodes.values()) {
    const weights = initializers.get(inputs[integerProducts[operator] ?? -1] ?? '');
    if (weights !== undefined) graph.integerWeights.push(weights);
  }
}

/** A node: its operator as `domain:type`, and the names of its inputs and outputs. */
interface GraphNode {
  operator: string;
  inputs: string[];
  outputs: string[];
}

async function readNode(reader: ProtobufReader, node: Bytes, graph: OnnxGraph): Promise<GraphNode> {
  let type = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  for await (const field of reader.fields(node.start, node.length)) {
    if (field.number === 1) inputs.push(await reader.text(field));
    if (field.number === 2) outputs.push(await reader.text(field));
    if (field.number === 4) type = await reader.text(field);
    if (field.number === 7) domain = await reader.text(field);
    if (field.kind === 'bytes' && field.number === 5) await readAttribute(reader, field, graph);
  }
  const operator = domain === '' || domain === 'ai.onnx' ? type : `${domain}:${type}`;
  graph.operators[operator] = (graph.operators[operator] ?? 0) + 1;
  return { operator, inputs, outputs };
}

/** Operators whose output has the values of their first input. */
const passThroughOperators = [
  ...['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Slice', 'Split'],
  ...['Gather', 'GatherElements', 'GatherND', 'Dropout'],
];
const passThroughMax = 100;

function producerOf(output: string, nodes: ReadonlyMap<string, GraphNode>): string | undefined {
  let node = nodes.get(output);
  for (
    let step = 0;
    step < passThroughMax && node !== undefined && passThroughOperators.includes(node.operator);
    step++
  ) {
    node = nodes.get(node.inputs[0] ?? '');
  }
  return node?.operator;
}

/** Constants and subgraphs (of If and Loop) contain weights and operators too. */
async function readAttribute(reader: ProtobufReader, attribute: Bytes, graph: OnnxGraph): Promise<void> {
  for await (const field of reader.fields(attribute.start, attribute.length)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 5 || field.number === 10) await readInitializer(reader, field, graph);
    if (field.number === 6 || field.number === 11) await readInnerGraph(reader, field, graph);
  }
}

async function readInnerGraph(reader: ProtobufReader, message: Bytes, graph: OnnxGraph): Promise<void> {
  for await (const field of reader.fields(message.start, message.length)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) await readNode(reader, field, graph);
    if (field.number === 5) await readInitializer(reader, field, graph);
  }
}

/** Returns the tensor, and records its file if its content is outside of this one. */
async function readInitializer(reader: ProtobufReader, message: Bytes, graph: OnnxGraph): Promise<StoredTensor> {
  const tensor: StoredTensor = { name: '', type: 'unknown', dims: [] };
  const external: Record<string, string> = {};
  for await (const field of reader.fields(message.start, message.length)) {
    if (field.kind === 'number' && field.number === 1) tensor.dims.push(field.value);
    if (field.kind === 'number' && field.number === 2) tensor.type = elementTypes[field.value] ?? 'unknown';
    if (field.number === 8) tensor.name = await reader.text(field);
    if (field.kind === 'bytes' && field.number === 9) tensor.bytes = { start: field.start, length: field.length };
    if (field.kind === 'bytes' && field.number === 13) await readEntry(reader, field, external);
  }
  const { location, offset = '0', length = '0' } = external;
  if (location !== undefined) {
    const needed = Number(offset) + Number(length);
    graph.externalFiles[location] = Math.max(graph.externalFiles[location] ?? 0, needed);
    tensor.bytes = { file: location, start: Number(offset), length: Number(length) };
  }
  return tensor;
}

async function readEntry(reader: ProtobufReader, entry: Bytes, into: Record<string, string>): Promise<void> {
  let key = '';
  let value = '';
  for await (const field of reader.fields(entry.start, entry.length)) {
    if (field.number === 1) key = await reader.text(field);
    if (field.number === 2) value = await reader.text(field);
  }
  into[key] = value;
}

async function readValue(reader: ProtobufReader, message: Bytes): Promise<GraphValue> {
  const value: GraphValue = { name: '', type: 'unknown', dims: [] };
  for await (const field of reader.fields(message.start, message.length)) {
    if (field.number === 1) value.name = await reader.text(field);
    if (field.kind === 'bytes' && field.number === 2) await readType(reader, field, value);
  }
  return value;
}

/** Reads a TypeProto. Types other than tensors are ignored. */
async function readType(reader: ProtobufReader, message: Bytes, value: GraphValue): Promise<void> {
  for await (const tensor of reader.fields(message.start, message.length)) {
    if (tensor.kind !== 'bytes' || tensor.number !== 1) continue;
    for await (const field of reader.fields(tensor.start, tensor.length)) {
      if (field.kind === 'number' && field.number === 1) value.type = elementTypes[field.value] ?? 'unknown';
      if (field.kind === 'bytes' && field.number === 2) value.dims = await readShape(reader, field);
    }
  }
}

async function readShape(reader: ProtobufReader, shape: Bytes): Promise<(number | string)[]> {
  const dims: (number | string)[] = [];
  for await (const dimension of reader.fields(shape.start, shape.length)) {
    if (dimension.kind !== 'bytes' || dimension.number !== 1) continue;
    let size: number | string = '?';
    for await (const field of reader.fields(dimension.start, dimension.length)) {
      if (field.kind === 'number' && field.number === 1) size = field.value;
      if (field.kind === 'bytes' && field.number === 2) size = await reader.text(field);
    }
    dims.push(size);
  }
  return dims;
}
