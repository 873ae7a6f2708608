import type { GraphBuilder, Value } from '../onnx/graph';
import { converted, type Build } from './weights';

/** `input_ids` and `attention_mask`, [rows, tokens]: 1 for real tokens, 0 for padding on the right. */
export interface TokenInputs {
  ids: Value;
  mask: Value;
}

const rowsOfTokens = { type: 'int64', shape: ['rows', 'tokens'] } as const;

/** @param maskTokens the mask's width, if it covers earlier tokens too */
export function tokenInputs(graph: GraphBuilder, maskTokens: 'tokens' | 'past + tokens' = 'tokens'): TokenInputs {
  return {
    ids: graph.input({ name: 'input_ids', ...rowsOfTokens }),
    mask: graph.input({ name: 'attention_mask', type: 'int64', shape: ['rows', maskTokens] }),
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

/** The hidden state of each row's first token as float32, [rows, size]. */
export function firstToken({ graph, float }: Build, hidden: Value): Value {
  const first = graph.node('Gather', [hidden, graph.integers([0], [])], { attributes: { axis: 1 } });
  return converted(graph, first, [float, 'float32']);
}

/** The place of each row's last real token among its tokens, [rows, 1]. The mask covers `past` earlier tokens too. */
export function lastPlaces(graph: GraphBuilder, mask: Value, past: Value): Value {
  const lengths = graph.node('ReduceSum', [mask, graph.integers([1])], { attributes: { keepdims: 1 } });
  return graph.node('Sub', [lengths, graph.node('Add', [past, graph.integers([1], [])])]);
}

/** The states of one token per row, [rows, tokens, size] to [rows, 1, size]. */
export function tokensAt(graph: GraphBuilder, states: Value, places: Value): Value {
  const found = graph.node('GatherND', [states, places], { attributes: { batch_dims: 1 } });
  return graph.node('Unsqueeze', [found, graph.integers([1])]);
}
