import { onnxFile, type NodeParts, type ValueParts, type WeightParts } from './testing';

/** What is odd about a graph; nothing where it is empty. */
export interface GraphFaults {
  /** Sizes that all inputs have to have. */
  rows?: number;
  tokens?: number;
  /** Operators after the sum, in order. */
  ends?: NodeParts['type'][];
  /** Padding counts like any token. */
  ignoresMask?: boolean;
  /** Each value is less the mean over the call. */
  mixesRows?: boolean;
  /** The value of one row, whatever the call. */
  givesOneRow?: boolean;
  /** The sum is divided by the tokens of the document but one. */
  dividesByDocument?: boolean;
  /** Rows of a table of positions, which are an input. */
  positions?: number;
}

const [float32, int64] = [1, 7];
const vocabularySize = 1_800;

/**
 * A reranker small enough to be written here: each token of tiny-bert's vocabulary has a number, and the logit is the
 * sum over a row's tokens.
 */
export function rerankerGraph(faults: GraphFaults = {}): Buffer {
  const nodes: NodeParts[] = [];
  const add = (type: string, inputs: string[], attributes: NodeParts['attributes'] = {}): string => {
    const output = `${type}_${nodes.length}`;
    nodes.push({ type, inputs, outputs: [output], attributes });
    return output;
  };
  const lastAxis = { axis: 0 };
  let values = add('Gather', ['table', 'input_ids'], lastAxis);
  if (faults.positions !== undefined)
    values = add('Add', [values, add('Gather', ['places', 'position_ids'], lastAxis)]);
  const mask = add('Cast', ['attention_mask'], { to: float32 });
  let logits = add('ReduceSum', [faults.ignoresMask ? values : add('Mul', [values, mask]), 'tokenAxis'], {
    keepdims: 1,
  });
  if (faults.dividesByDocument) {
    const types = add('Cast', ['token_type_ids'], { to: float32 });
    const length = add('Sub', [add('ReduceSum', [types, 'tokenAxis'], { keepdims: 1 }), 'one']);
    logits = add('Div', [logits, length]);
  }
  if (faults.mixesRows) logits = add('Sub', [logits, add('ReduceMean', [logits], { axes: [0], keepdims: 1 })]);
  if (faults.givesOneRow) logits = add('Reshape', [logits, 'oneRow']);
  for (const type of faults.ends ?? [])
    logits = add(type, type === 'Add' ? [logits, 'one'] : [logits], endAttributes(type));
  nodes.push({ type: 'Identity', inputs: [logits], outputs: ['logits'] });
  return onnxFile({
    inputs: inputsOf(faults),
    outputs: [{ name: 'logits', type: float32, dims: ['rows', 1] }],
    nodes,
    weights: weightsOf(faults),
  });
}

const endAttributes = (type: string): NodeParts['attributes'] => (type === 'Cast' ? { to: float32 } : {});

function inputsOf({ rows, tokens, positions, dividesByDocument }: GraphFaults): ValueParts[] {
  const names = ['input_ids', 'attention_mask'];
  if (dividesByDocument) names.push('token_type_ids');
  if (positions !== undefined) names.push('position_ids');
  return names.map((name) => ({ name, type: int64, dims: [rows ?? 'rows', tokens ?? 'tokens'] }));
}

function weightsOf({ positions = 1 }: GraphFaults): WeightParts[] {
  return [
    floats('table', vocabularySize),
    floats('places', positions),
    { name: 'one', type: float32, dims: [1], content: Buffer.from(Float32Array.of(1).buffer) },
    { name: 'tokenAxis', type: int64, dims: [1], content: Buffer.from(BigInt64Array.of(1n).buffer) },
    { name: 'oneRow', type: int64, dims: [2], content: Buffer.from(BigInt64Array.of(1n, 1n).buffer) },
  ];
}

/** Numbers between -0.5 and 0.5 without a pattern. */
function floats(name: string, count: number): WeightParts {
  const values = Float32Array.from({ length: count }, (_, index) => ((index * 7_919) % 1_000) / 1_000 - 0.5);
  return { name, type: float32, dims: [count], content: Buffer.from(values.buffer) };
}
