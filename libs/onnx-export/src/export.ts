import type { AnswerIds, Architecture } from './architectures/architecture';
import { bert, roberta } from './architectures/bert';
import { qwen3 } from './architectures/qwen3';
import type { Build, Observed, Precision } from './layers/weights';
import { createGraph } from './onnx/graph';
import { writeModel, type ModelFiles, type WrittenModel } from './onnx/write-model';
import { openCheckpoint } from './safetensors/checkpoint';
import { ExportError } from './errors/export-error';
import { quoted } from './safetensors/header';

const architectures: readonly Architecture[] = [bert, qwen3, roberta];

/** The names of all architectures that can be exported, as config.json has them under `architectures`. */
export const architectureNames: readonly string[] = architectures.flatMap(({ names }) => names);

/** Whether config.json names an architecture that can be exported. */
export function isKnownArchitecture(config: unknown): boolean {
  return architectureOf(config) !== undefined;
}

function architectureOf(config: unknown): Architecture | undefined {
  const names = (config as { architectures?: unknown } | null)?.architectures;
  const [name] = Array.isArray(names) ? (names as unknown[]) : [];
  return architectures.find((one) => one.names.some((known) => known === name));
}

export interface ExportOptions extends ModelFiles {
  /** config.json, parsed as JSON. */
  config: unknown;
  /** Default: fp32. */
  precision?: Precision;
  /** Linear layers that are fp32 in any case. */
  exactLayers?: readonly string[];
  /** Default: nothing. */
  observed?: Observed;
  /** For language models. */
  answers?: AnswerIds;
}

/**
 * Writes the graph of a model whose safetensors are in a folder. Nothing of the files is executed.
 * @throws ExportError
 */
export async function exportModel(checkpointFolder: string, options: ExportOptions): Promise<WrittenModel> {
  const architecture = architectureOf(options.config);
  if (!architecture)
    throw new ExportError(`config.json names none of the architectures ${architectureNames.join(', ')}`);
  const checkpoint = await openCheckpoint(checkpointFolder);
  try {
    const graph = createGraph();
    const { config, answers, precision = 'fp32', exactLayers = [], observed } = options;
    const precisionOf: Build['precisionOf'] = (layer) => (exactLayers.includes(layer) ? 'fp32' : precision);
    const build: Build = {
      ...{ graph, checkpoint, precisionOf, ...(observed && { observed }) },
      float: precision === 'fp16' ? 'float16' : 'float32',
      // half the size, and it costs less than one 8-bit layer
      embeddings: precision === 'fp32' ? 'float32' : 'float16',
    };
    architecture.build({ build, config, ...(answers && { answers }) });
    const left = checkpoint.unused().find((name) => !architecture.unneeded.test(name));
    if (left !== undefined)
      throw new ExportError(`the tensor ${quoted(left)} has no place in the graph of config.json`);
    return await writeModel(graph.graph, options);
  } finally {
    await checkpoint.close();
  }
}
