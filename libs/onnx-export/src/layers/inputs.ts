import type { GraphBuilder, Value } from '../onnx/graph';

/** `input_ids` and `attention_mask`, [rows, tokens]: 1 for real tokens, 0 for padding on the right. */
export interface TokenInputs {
  ids: Value;
  mask: Value;
}

const rowsOfTokens = { type: 'int64', shape: ['rows', 'tokens'] } as const;

export function tokenInputs(graph: GraphBuilder): TokenInputs {
  return {
    ids: graph.input({ name: 'input_ids', ...rowsOfTokens }),
    mask: graph.input({ name: 'attention_mask', ...rowsOfTokens }),
  };
}

/** `token_type_ids`, [rows, tokens]. */
export function tokenTypeInput(graph: GraphBuilder): Value {
  return graph.input({ name: 'token_type_ids', ...rowsOfTokens });
}

/** The graph's result: one logit per row, [rows, 1]. */
export function logitsOutput(graph: GraphBuilder, logits: Value): void {
  graph.output(logits, { name: 'logits', type: 'float32', shape: ['rows', 1] });
}

/** The number of real tokens of each row, [rows]. */
export function rowLengths(graph: GraphBuilder, mask: Value): Value {
  return graph.node('ReduceSum', [mask, graph.integers([1])], { attributes: { keepdims: 0 } });
}

/** The hidden state of each row's first token, [rows, size]. */
export function firstToken(graph: GraphBuilder, hidden: Value): Value {
  return graph.node('Gather', [hidden, graph.integers([0], [])], { attributes: { axis: 1 } });
}

/** The hidden state of each row's last real token, [rows, size]. */
export function lastToken(graph: GraphBuilder, hidden: Value, mask: Value): Value {
  const lengths = graph.node('ReduceSum', [mask, graph.integers([1])], { attributes: { keepdims: 1 } });
  const last = graph.node('Sub', [lengths, graph.integers([1], [])]);
  return graph.node('GatherND', [hidden, last], { attributes: { batch_dims: 1 } });
}
