/** Element types of tensors, by their numbers in onnx.proto. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

export const bytesPerElement: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
};

/** The name of a value in the graph. */
export type Value = string & { readonly __value: unique symbol };

/** The size of an axis: a number, or the name of a size that differs between calls. */
export type Axis = number | string;

/** A tensor whose elements are in the graph's data file. */
export interface Weight {
  name: string;
  type: ElementType;
  shape: readonly number[];
  /**
   * The elements in row-major order as little-endian bytes, in parts of bounded size. Weights are read in the order in
   * which they were added.
   */
  parts(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A small tensor whose elements are in the graph itself. */
interface Constant {
  type: ElementType;
  shape: readonly number[];
  bytes: Uint8Array;
}

export type Attribute = number | { float: number } | string | readonly number[];

export interface Node {
  operator: string;
  /** `''` = the standard operators of ONNX. */
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Port {
  name: string;
  type: ElementType;
  shape: readonly Axis[];
}

/** A graph of operators with its inputs, outputs and weights. */
export interface Graph {
  inputs: Port[];
  outputs: Port[];
  nodes: Node[];
  weights: Weight[];
  constants: Map<string, Constant>;
}

/** How a node differs from one standard operator with one output. */
interface NodeOptions {
  attributes?: Readonly<Record<string, Attribute>>;
  domain?: string;
}

/** Adds to a graph. Names of values are unique, and each method returns the new value. */
export interface GraphBuilder {
  readonly graph: Graph;
  input(port: Port): Value;
  output(value: Value, port: Omit<Port, 'name'> & { name: string }): void;
  weight(weight: Weight): Value;
  /** Values as int64 tensor; without a shape it is a vector. */
  integers(values: readonly number[], shape?: readonly number[]): Value;
  floats(values: readonly number[] | Float32Array, shape?: readonly number[]): Value;
  /** Values as uint8 tensor. */
  bytes(values: readonly number[], shape: readonly number[]): Value;
  /** A node with one output. An absent optional input is `undefined`. */
  node(operator: string, inputs: readonly (Value | undefined)[], options?: NodeOptions): Value;
  /** A node with several outputs. */
  nodes(operator: string, inputs: readonly (Value | undefined)[], options: NodeOptions & { count: number }): Value[];
}

/** Builds an empty graph. Equal constants are stored once. */
export function createGraph(): GraphBuilder {
  const graph: Graph = { inputs: [], outputs: [], nodes: [], weights: [], constants: new Map() };
  const namesByContent = new Map<string, string>();
  let made = 0;
  const constant = (type: ElementType, shape: readonly number[], bytes: Uint8Array): Value => {
    const content = `${type} ${shape.join()} ${Buffer.from(bytes).toString('base64')}`;
    const name = namesByContent.get(content) ?? `constant_${namesByContent.size}`;
    namesByContent.set(content, name);
    graph.constants.set(name, { type, shape, bytes });
    return name as Value;
  };
  const nodes: GraphBuilder['nodes'] = (operator, inputs, { count, attributes = {}, domain = '' }) => {
    const outputs = Array.from({ length: count }, () => `${operator}_${made++}`);
    graph.nodes.push({ operator, domain, inputs: inputs.map((input) => input ?? ''), outputs, attributes });
    return outputs as Value[];
  };
  return {
    graph,
    input(port) {
      graph.inputs.push(port);
      return port.name as Value;
    },
    output(value, port) {
      graph.nodes.push({ operator: 'Identity', domain: '', inputs: [value], outputs: [port.name], attributes: {} });
      graph.outputs.push(port);
    },
    weight(weight) {
      if (!graph.weights.some(({ name }) => name === weight.name)) graph.weights.push(weight);
      return weight.name as Value;
    },
    integers: (values, shape = [values.length]) =>
      constant('int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
    floats: (values, shape = [values.length]) =>
      constant('float32', shape, new Uint8Array(Float32Array.from(values).buffer)),
    bytes: (values, shape) => constant('uint8', shape, Uint8Array.from(values)),
    node: (operator, inputs, options = {}) => nodes(operator, inputs, { ...options, count: 1 })[0] as Value,
    nodes,
  };
}
