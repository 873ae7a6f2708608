/** What an ONNX file of a test holds; the rest is empty. */
export interface OnnxParts {
  irVersion?: number;
  opsets?: Record<string, number>;
  inputs?: ValueParts[];
  outputs?: ValueParts[];
  nodes?: NodeParts[];
  weights?: WeightParts[];
}

/** `type` is ONNX's number of an element type. */
export interface ValueParts {
  name: string;
  type: number;
  dims: (number | string)[];
}

export interface NodeParts {
  type: string;
  domain?: string;
  /** Names of what it reads and makes. */
  inputs?: string[];
  outputs?: string[];
  /** Attributes that are whole numbers, or lists of them. */
  attributes?: Record<string, number | number[]>;
  /** A tensor among its attributes. */
  constant?: WeightParts;
  /** A graph among its attributes. */
  inner?: Pick<OnnxParts, 'nodes' | 'weights'>;
}

/** A tensor whose content lies in the file, or beside it. */
export interface WeightParts {
  name: string;
  /** ONNX's number of its element type. */
  type?: number;
  dims?: number[];
  content?: Buffer;
  external?: { location: string; offset?: number; length?: number };
}

/** A file with these parts, in the order in which exporters write them. */
export function onnxFile(parts: OnnxParts): Buffer {
  const { irVersion = 8, opsets = { '': 17 } } = parts;
  return Buffer.concat([
    numberField(1, irVersion),
    field(7, graph(parts)),
    ...Object.entries(opsets).map(([domain, version]) => field(8, text(1, domain), numberField(2, version))),
  ]);
}

/**
 * The bytes before and after the content of a file's only weight, for one that is too large to be made: `size` is the
 * content's.
 */
export function onnxAroundWeight(parts: OnnxParts, size: number): { before: Buffer; after: Buffer } {
  const name = text(8, 'large');
  const after = graph(parts);
  const content = Buffer.concat([name, head(9, size)]);
  const weight = Buffer.concat([head(5, content.length + size), content]);
  const before = Buffer.concat([numberField(1, 8), head(7, weight.length + size + after.length), weight]);
  return { before, after: Buffer.concat([after, field(8, text(1, ''), numberField(2, 17))]) };
}

/** A field of bytes. */
export function field(number: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([head(number, bytes.length), bytes]);
}

export const text = (number: number, content: string): Buffer => field(number, Buffer.from(content));

export const numberField = (number: number, value: number): Buffer =>
  Buffer.concat([varint(number * 8), varint(value)]);

/** The start of a field of so many bytes. */
const head = (number: number, length: number): Buffer => Buffer.concat([varint(number * 8 + 2), varint(length)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function graph({ nodes = [], weights = [], inputs = [], outputs = [] }: OnnxParts): Buffer {
  return Buffer.concat([
    ...nodes.map((one) => field(1, node(one))),
    ...weights.map((one) => field(5, tensor(one))),
    ...inputs.map((one) => field(11, value(one))),
    ...outputs.map((one) => field(12, value(one))),
  ]);
}

function node({ type, domain, inputs = [], outputs = [], attributes = {}, constant, inner }: NodeParts): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => field(5, text(1, name), ...attributeValue(value))),
    ...(constant === undefined ? [] : [field(5, text(1, 'value'), field(5, tensor(constant)))]),
    ...(inner === undefined ? [] : [field(5, text(1, 'then_branch'), field(6, graph(inner)))]),
    ...(domain === undefined ? [] : [text(7, domain)]),
  ]);
}

function attributeValue(value: number | number[]): Buffer[] {
  return Array.isArray(value)
    ? [...value.map((one) => numberField(8, one)), numberField(20, 7)]
    : [numberField(3, value), numberField(20, 2)];
}

function tensor({ name, type, dims = [], content, external }: WeightParts): Buffer {
  const entries = Object.entries(external ?? {}).map(([key, one]) => field(13, text(1, key), text(2, String(one))));
  return Buffer.concat([
    ...dims.map((size) => numberField(1, size)),
    ...(type === undefined ? [] : [numberField(2, type)]),
    text(8, name),
    ...(content === undefined ? [] : [field(9, content)]),
    ...entries,
  ]);
}

function value({ name, type, dims }: ValueParts): Buffer {
  const shape = dims.map((dim) => field(1, typeof dim === 'number' ? numberField(1, dim) : text(2, dim)));
  return Buffer.concat([text(1, name), field(2, field(1, numberField(1, type), field(2, ...shape)))]);
}
