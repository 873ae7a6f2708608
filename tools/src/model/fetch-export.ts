import { basename, dirname, join } from 'node:path';
import type { Refused, Result } from '@rerank-fleet/contract';
import type { ExportOptions, Precision } from '@rerank-fleet/onnx-export';
import { ProtobufError } from './onnx/protobuf';
import { readGraph, type OnnxGraph } from './onnx/read-graph';
import type { ModelSource } from './source';

/** Why a step of an installation failed. */
export interface StepFailure {
  /** One line. */
  message: string;
  /** Whether the model can be made in fp32 all the same. */
  needsFp32?: boolean;
  /** Whether the same files fail again, whatever the options. They are not kept. */
  isFinal?: boolean;
}

/** A step of an installation. */
export type Step<Value> = Result<Value, StepFailure>;

export const failed = (message: string): Refused<StepFailure> => ({ ok: false, message });
/** A failure that is a matter of the files. */
export const refusedFiles = (message: string): Refused<StepFailure> => ({ ok: false, message, isFinal: true });
/** A failure of weights with fewer bits. */
export const failedUnlessFp32 = (message: string): Refused<StepFailure> => ({ ok: false, message, needsFp32: true });

/** Files beside the model, in the order in which they are checked: the smallest first. */
export const jsonFiles = ['config.json', 'tokenizer_config.json', 'tokenizer.json'];
/** Files that the installation writes. */
export const generatedFiles = ['manifest.json', 'golden.json'];
/** A name that is a single path segment and cannot leave its folder. */
export const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The precisions whose cost against fp32 is measured. */
export type ReducedPrecision = Exclude<Precision, 'fp32'>;

/** Writes the graph of safetensors into a folder. */
export type WriteGraph = (
  folder: string,
  options: Pick<ExportOptions, 'precision' | 'exactLayers' | 'observed'>,
) => Promise<unknown>;

/** The files of a model in the staging folder. */
export interface FetchedModel {
  graph: OnnxGraph;
  /** File names of the bundle, by role. */
  roles: Record<string, string>;
  /** For weights that are made here with fewer bits than fp32. */
  made?: { precision: ReducedPrecision; writeGraph: WriteGraph };
}

/** Roles of the files that every bundle has beside its model. */
export const tokenizerRoles = { tokenizer: 'tokenizer.json', tokenizerConfig: 'tokenizer_config.json' };

/** Fetches files into the staging folder. All must be listed by the source. */
export async function fetchFiles(
  source: ModelSource,
  paths: readonly string[],
  staging: string,
): Promise<Result<unknown, { message: string }>> {
  for (const path of paths) {
    const fetched = await source.fetch(path, join(staging, basename(path)));
    if (!fetched.ok) return fetched;
  }
  return { ok: true };
}

/** Fetches the configuration and the tokenizer of a model. */
export async function fetchSmallFiles(
  source: ModelSource,
  staging: string,
): Promise<Result<unknown, { message: string }>> {
  const missing = jsonFiles.find((path) => sizeOf(source, path) === undefined);
  if (missing !== undefined) return failed(`${source.label} has no ${missing}, which every model needs`);
  return fetchFiles(source, jsonFiles, staging);
}

/** Fetches an ONNX export: its graph and the files with its weights. */
export async function fetchExport(
  source: ModelSource,
  modelPath: string,
  staging: string,
): Promise<Step<FetchedModel>> {
  const fetched = await fetchFiles(source, [modelPath], staging);
  if (!fetched.ok) return fetched;
  const read = await readFetchedGraph(join(staging, basename(modelPath)), `${source.label}: ${modelPath}`);
  if (!read.ok) return read;
  const roles: Record<string, string> = { model: basename(modelPath), ...tokenizerRoles };
  for (const [index, external] of Object.entries(read.graph.externalFiles).entries()) {
    const fetched = await fetchExternal(source, external, { modelPath, staging });
    if (!fetched.ok) return fetched;
    roles[index === 0 ? 'modelData' : `modelData${index + 1}`] = external[0];
  }
  return { ok: true, graph: read.graph, roles };
}

/** Fetches one of the files beside a graph that hold its weights. */
async function fetchExternal(
  source: ModelSource,
  [name, neededBytes]: [string, number],
  { modelPath, staging }: { modelPath: string; staging: string },
): Promise<Result<unknown, { message: string }>> {
  const refused = (reason: string) => failed(`${source.label}: ${modelPath} ${reason}`);
  if (!plainName.test(name)) return refused('keeps weights outside its own folder, which is not supported');
  if ([...jsonFiles, ...generatedFiles, basename(modelPath)].includes(name)) {
    return refused(`keeps weights in ${name}, which is another file of a bundle`);
  }
  const path = modelPath.includes('/') ? `${dirname(modelPath)}/${name}` : name;
  const sizeBytes = sizeOf(source, path);
  if (sizeBytes === undefined) return refused(`keeps its weights in ${name}, which is missing`);
  if (sizeBytes < neededBytes) {
    return refused(`keeps its weights in ${name}, which is cut short: ${sizeBytes} bytes, ${neededBytes} are needed`);
  }
  return source.fetch(path, join(staging, name));
}

/** The size of one of the source's files in bytes, if it is there. */
export const sizeOf = ({ files }: ModelSource, path: string): number | undefined =>
  files.find((file) => file.path === path)?.sizeBytes;

async function readFetchedGraph(path: string, label: string): Promise<Step<{ graph: OnnxGraph }>> {
  try {
    return { ok: true, graph: await readGraph(path) };
  } catch (error) {
    if (error instanceof ProtobufError) return failed(`${label} is not a complete ONNX file: ${error.message}`);
    throw error;
  }
}
