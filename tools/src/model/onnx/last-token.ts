import { createReadStream, createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createProtobufReader, type Field, type ProtobufReader } from './protobuf';

type Bytes = Extract<Field, { kind: 'bytes' }>;

/** Name of the added input: row and column of each row's last token, int64 [rows, 1, 2]. */
export const lastTokensInput = 'rerank_last_tokens';
const hiddenAtLast = 'rerank_hidden_at_last_tokens';

/** Field numbers of onnx.proto (ONNX 1.x). */
const modelGraph = 7;
const graphNode = 1;
const graphInitializer = 5;
const graphInput = 11;
const nodeInput = 1;
const nodeOutput = 2;
const nodeType = 4;
const tensorName = 8;

interface Node {
  field: Bytes;
  type: string;
  inputs: string[];
  outputs: string[];
}

interface Graph {
  field: Bytes;
  nodes: Node[];
  weights: Set<string>;
}

/** The output layer: the name of the (possibly quantized) token vectors, and the matrix product that reads them. */
interface OutputLayer {
  hidden: string;
  reader: Node;
}

/**
 * Writes a copy of a language model that outputs logits only for the last token of each row. The vectors of the other
 * tokens are dropped before the output layer. For a vocabulary of 150,000 this saves a third of the work, and 0.6 MB of
 * output per token. Weights are copied unchanged. Returns false and writes nothing if the output layer is not found.
 */
export async function writeLastTokenGraph(source: string, target: string): Promise<boolean> {
  const file = await open(source);
  try {
    const reader = createProtobufReader(file);
    const { size } = await file.stat();
    const graph = await readNodes(reader, size);
    const layer = graph && findOutputLayer(graph);
    if (graph === undefined || layer === undefined) return false;
    const changed = await changedReader(reader, file, layer);
    await write({ source, target, size }, graph.field, { ...layer, changed });
    return true;
  } finally {
    await file.close();
  }
}

async function readNodes(reader: ProtobufReader, size: number): Promise<Graph | undefined> {
  let graph: Graph | undefined;
  for await (const field of reader.fields(0, size)) {
    if (field.kind === 'bytes' && field.number === modelGraph) graph = { field, nodes: [], weights: new Set() };
  }
  if (graph === undefined) return undefined;
  for await (const field of reader.fields(graph.field.start, graph.field.length)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === graphNode) graph.nodes.push(await readNode(reader, field));
    if (field.number === graphInitializer) graph.weights.add(await readName(reader, field));
  }
  return graph;
}

async function readNode(reader: ProtobufReader, field: Bytes): Promise<Node> {
  const node: Node = { field, type: '', inputs: [], outputs: [] };
  for await (const part of reader.fields(field.start, field.length)) {
    if (part.number === nodeInput) node.inputs.push(await reader.text(part));
    if (part.number === nodeOutput) node.outputs.push(await reader.text(part));
    if (part.number === nodeType) node.type = await reader.text(part);
  }
  return node;
}

async function readName(reader: ProtobufReader, tensor: Bytes): Promise<string> {
  for await (const part of reader.fields(tensor.start, tensor.length)) {
    if (part.number === tensorName) return reader.text(part);
  }
  return '';
}

/** Elementwise operators at the end of quantized output layers. */
const elementwise = ['Cast', 'Mul', 'Add'];
const products = ['MatMul', 'MatMulInteger', 'MatMulIntegerToFloat', 'MatMulNBits', 'DynamicQuantizeMatMul'];

/** Follows the graph from the logits back to the matrix product and its input vectors. */
function findOutputLayer({ nodes, weights }: Graph): OutputLayer | undefined {
  const producerOf = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let node = producerOf.get('logits');
  while (node !== undefined && elementwise.includes(node.type)) {
    const producers = node.inputs.map((input) => producerOf.get(input)).filter((producer) => producer !== undefined);
    node =
      producers.find((producer) => products.includes(producer.type)) ??
      producers.find(({ type }) => elementwise.includes(type));
  }
  if (node === undefined || !products.includes(node.type)) return undefined;
  const [hidden = ''] = node.inputs;
  return hidden === '' || weights.has(hidden) ? undefined : { hidden, reader: node };
}

/** The output node, changed to read the vectors of the last tokens. */
async function changedReader(
  reader: ProtobufReader,
  file: FileHandle,
  { hidden, reader: node }: OutputLayer,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of reader.fields(node.field.start, node.field.length)) {
    if (part.kind !== 'bytes') continue;
    const isHidden = part.number === nodeInput && (await reader.text(part)) === hidden;
    if (isHidden) parts.push(message(nodeInput, Buffer.from(hiddenAtLast)));
    else parts.push(message(part.number, await bytesAt(file, part.start, part.length)));
  }
  return Buffer.concat(parts);
}

interface Files {
  source: string;
  target: string;
  size: number;
}

async function write(
  files: Files,
  graph: Bytes,
  { hidden, reader, changed }: OutputLayer & { changed: Buffer },
): Promise<void> {
  const gather = message(
    graphNode,
    Buffer.concat([
      message(nodeInput, Buffer.from(hidden)),
      message(nodeInput, Buffer.from(lastTokensInput)),
      message(nodeOutput, Buffer.from(hiddenAtLast)),
      message(nodeType, Buffer.from('GatherND')),
    ]),
  );
  const replaced = Buffer.concat([gather, message(graphNode, changed)]);
  const input = message(graphInput, lastTokensValue());
  const readerStart = reader.field.start - headBytes(graphNode, reader.field.length);
  const readerEnd = reader.field.start + reader.field.length;
  const graphEnd = graph.start + graph.length;
  const length = graph.length - (readerEnd - readerStart) + replaced.length + input.length;
  const parts = [
    { start: 0, end: graph.start - headBytes(modelGraph, graph.length) },
    head(modelGraph, length),
    { start: graph.start, end: readerStart },
    replaced,
    { start: readerEnd, end: graphEnd },
    input,
    { start: graphEnd, end: files.size },
  ];
  await pipeline(Readable.from(chunks(files.source, parts)), createWriteStream(files.target));
}

async function* chunks(source: string, parts: (Buffer | { start: number; end: number })[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else if (part.end > part.start) yield* createReadStream(source, { start: part.start, end: part.end - 1 });
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  return (await file.read({ buffer: Buffer.alloc(length), position })).buffer;
}

/** ValueInfoProto of int64 [rows, 1, 2], with the rows of the token ids. */
function lastTokensValue(): Buffer {
  const dimension = (value: Buffer): Buffer => message(1, value);
  const rows = dimension(message(2, Buffer.from('batch_size')));
  const shape = Buffer.concat([rows, dimension(number(1, 1)), dimension(number(1, 2))]);
  const int64 = 7;
  const tensor = Buffer.concat([number(1, int64), message(2, shape)]);
  return Buffer.concat([message(1, Buffer.from(lastTokensInput)), message(2, message(1, tensor))]);
}

function message(fieldNumber: number, bytes: Buffer): Buffer {
  return Buffer.concat([head(fieldNumber, bytes.length), bytes]);
}

function number(fieldNumber: number, value: number): Buffer {
  return Buffer.from([...varint(fieldNumber * 8), ...varint(value)]);
}

/** The tag and the length before the bytes of a field. */
function head(fieldNumber: number, length: number): Buffer {
  return Buffer.from([...varint(fieldNumber * 8 + 2), ...varint(length)]);
}

const headBytes = (fieldNumber: number, length: number): number => head(fieldNumber, length).length;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}
