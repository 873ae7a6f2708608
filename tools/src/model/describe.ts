import type { Bundle } from '@rerank-fleet/model-runtime';
import type { GraphValue, OnnxGraph } from './onnx/read-graph';

/** A bundle as a row of the list. */
export function describeBundle({ manifest }: Bundle): string[] {
  const bytes = Object.values(manifest.files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return [
    manifest.name,
    manifest.version,
    manifest.head,
    manifest.dtype.split(' ')[0] ?? '',
    differenceOf(manifest),
    String(manifest.maxLengthTokens),
    (bytes / 1e6).toFixed(1),
    manifest.licence,
    manifest.source,
  ];
}

/** How far scores of quantized weights are from those of fp32; `-` if it was not measured. */
function differenceOf({ quantization }: Bundle['manifest']): string {
  if (!quantization) return '-';
  const { meanScoreDifference: mean, largestScoreDifference: largest } = quantization;
  return `${mean.toFixed(4)}, at most ${largest.toFixed(4)}`;
}

/** Replaces control characters and line breaks by spaces, so that a name from a file cannot control the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** The inputs, outputs and operators of an ONNX file, one per line. */
export function describeGraph(path: string, graph: OnnxGraph): string[] {
  const opsets = Object.entries(graph.opsets).map(
    ([domain, version]) => `${domain === '' ? 'ai.onnx' : domain} ${version}`,
  );
  const operators = Object.entries(graph.operators)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`);
  const external = Object.entries(graph.externalFiles).map(([name, bytes]) => `  ${name}, ${bytes} bytes`);
  return [
    path,
    `IR version ${graph.irVersion}; operator sets ${opsets.join(', ')}`,
    'inputs:',
    ...graph.inputs.map(valueLine),
    'outputs:',
    ...graph.outputs.map(valueLine),
    ...(external.length > 0 ? ['weights in other files:', ...external] : []),
    `operators: ${operators.join(', ')}`,
  ];
}

const valueLine = ({ name, type, dims }: GraphValue): string => `  ${name}  ${type} [${dims.join(', ')}]`;
