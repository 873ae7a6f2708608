import { open, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Root, type Type } from 'protobufjs';
import { DiskError } from '../errors/export-error';
import onnxSchema from './onnx.json';
import {
  bytesPerElement,
  elementTypes,
  type Attribute,
  type Axis,
  type Graph,
  type Node,
  type Port,
  type Weight,
} from './graph';

/** IR 11 and opset 23 have the normalisation, rotary and attention operators. onnxruntime 1.30 reads them. */
const irVersion = 11;
const opsetVersion = 24;

/** Weights begin at a page of memory, so that onnxruntime maps them into memory. */
const alignmentBytes = 4096;

/** AttributeProto.AttributeType */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;
/** TensorProto.DataLocation.EXTERNAL */
const external = 1;

/** Sizes of the written files in bytes. */
export interface WrittenModel {
  graphBytes: number;
  dataBytes: number;
}

export interface ModelFiles {
  folder: string;
  graph: string;
  data: string;
  /** Called with the bytes of weights that are written, and with those of all weights. */
  onProgress?(writtenBytes: number, totalBytes: number): void;
}

/**
 * Writes a graph as an ONNX file with its weights in a file beside it, one part after the other. The schema is
 * onnx.proto as ONNX publishes it.
 * @throws DiskError when the disk lacks the room or fails
 */
export async function writeModel(graph: Graph, files: ModelFiles): Promise<WrittenModel> {
  const places = placesOf(graph.weights);
  await checkRoom(places, files.folder);
  await named(files.data, files.folder, writeWeights(places, files));
  const type = modelType();
  const bytes = type.encode(type.create(modelProto(graph, places, files.data))).finish();
  await named(files.graph, files.folder, writeFile(join(files.folder, files.graph), bytes));
  return { graphBytes: bytes.length, dataBytes: endOf(places) };
}

/** Turns an error of the system into a DiskError. */
async function named<Result>(file: string, folder: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DiskError(`${file} cannot be written in ${folder} (${code})`);
  }
}

async function checkRoom(places: readonly Place[], folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = endOf(places);
  if (neededBytes > bavail * bsize) {
    throw new DiskError(`its weights need ${neededBytes} bytes in ${folder}, and ${bavail * bsize} are free`);
  }
}

let model: Type | undefined;
/** The message of a whole model in onnx.proto, made at the first use. */
function modelType(): Type {
  model ??= Root.fromJSON(onnxSchema).lookupType('onnx.ModelProto');
  return model;
}

/** Where a weight is in the data file, in bytes. */
interface Place {
  weight: Weight;
  offset: number;
  length: number;
}

function placesOf(weights: readonly Weight[]): Place[] {
  const places: Place[] = [];
  for (const weight of weights) {
    const offset = Math.ceil(endOf(places) / alignmentBytes) * alignmentBytes;
    const elements = weight.shape.reduce((product, axis) => product * axis, 1);
    places.push({ weight, offset, length: elements * bytesPerElement[weight.type] });
  }
  return places;
}

function endOf(places: readonly Place[]): number {
  const last = places.at(-1);
  return last ? last.offset + last.length : 0;
}

async function writeWeights(places: readonly Place[], files: ModelFiles): Promise<void> {
  const file = await open(join(files.folder, files.data), 'w');
  try {
    for (const { weight, offset } of places) {
      let at = offset;
      for await (const part of weight.parts()) {
        await file.write(part, 0, part.length, at);
        at += part.length;
        files.onProgress?.(at, endOf(places));
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function modelProto(graph: Graph, places: readonly Place[], dataFile: string): object {
  const domains = new Set(graph.nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
  return {
    irVersion,
    producerName: 'rerank-fleet',
    opsetImport: [{ domain: '', version: opsetVersion }, ...[...domains].map((domain) => ({ domain, version: 1 }))],
    graph: {
      name: 'reranker',
      input: graph.inputs.map(portProto),
      output: graph.outputs.map(portProto),
      node: graph.nodes.map(nodeProto),
      initializer: [
        ...places.map((one) => externalProto(one, dataFile)),
        ...[...graph.constants].map(([name, { type, shape, bytes }]) => ({
          ...{ name, dataType: elementTypes[type], dims: [...shape], rawData: bytes },
        })),
      ],
    },
  };
}

function externalProto({ weight: { name, type, shape }, offset, length }: Place, location: string): object {
  const places = { location, offset: String(offset), length: String(length) };
  return {
    name,
    dataType: elementTypes[type],
    dims: [...shape],
    dataLocation: external,
    externalData: Object.entries(places).map(([key, value]) => ({ key, value })),
  };
}

function portProto({ name, type, shape }: Port): object {
  const dim = shape.map((axis: Axis) => (typeof axis === 'number' ? { dimValue: axis } : { dimParam: axis }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

function nodeProto({ operator, domain, inputs, outputs, attributes }: Node): object {
  return {
    opType: operator,
    domain,
    input: [...inputs],
    output: [...outputs],
    name: outputs[0],
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeProto(value) })),
  };
}

function attributeProto(value: Attribute): object {
  if (typeof value === 'number') return { type: attributeTypes.int, i: value };
  if (typeof value === 'string') return { type: attributeTypes.string, s: Buffer.from(value) };
  if ('float' in value) return { type: attributeTypes.float, f: value.float };
  return { type: attributeTypes.ints, ints: [...value] };
}
