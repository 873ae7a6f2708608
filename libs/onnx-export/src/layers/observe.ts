import type { Value } from '../onnx/graph';
import type { Build } from './weights';

/** Names of the outputs with what is observed of a layer begin with this. */
export const observedOutput = 'observed of ';

/** Adds an output for a layer: the root mean square of its error over that of its values. */
export function observeError(
  { graph }: Build,
  layer: string,
  { product, approximate }: { product: Value; approximate: Value },
): void {
  const power = (of: Value) => graph.node('ReduceMean', [graph.node('Mul', [of, of])], { attributes: { keepdims: 0 } });
  const error = power(graph.node('Sub', [product, approximate]));
  const ratio = graph.node('Sqrt', [graph.node('Div', [error, power(product)])]);
  graph.output(ratio, { name: `${observedOutput}${layer}`, type: 'float32', shape: [] });
}

/** Adds an output for a layer: the largest magnitude among some values. */
export function observeRange({ graph }: Build, layer: string, values: readonly Value[]): void {
  const peaks = values.map((value) =>
    graph.node('ReduceMax', [graph.node('Abs', [value])], { attributes: { keepdims: 0 } }),
  );
  graph.output(graph.node('Max', peaks), { name: `${observedOutput}${layer}`, type: 'float32', shape: [] });
}
