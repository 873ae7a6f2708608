import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refused } from '@rerank-fleet/contract';
import {
  architectureNames,
  DiskError,
  ExportError,
  Float16RangeError,
  exportModel,
  indexFile,
  isKnownArchitecture,
  shardsOf,
  singleFile,
  type ExportOptions,
  type Precision,
} from '@rerank-fleet/onnx-export';
import { createPlainTokenizer, TokenizerError } from '@rerank-fleet/scoring';
import {
  failed,
  failedUnlessFp32,
  fetchFiles,
  refusedFiles,
  sizeOf,
  tokenizerRoles,
  type FetchedModel,
  type Step,
  type StepFailure,
  type WriteGraph,
} from './fetch-export';
import { progressOf, type Progress, type ProgressOptions } from './hub/progress';
import { readGraph } from './onnx/read-graph';
import { qwen3Answers } from './recognise/templates';
import type { SmallFiles } from './small-files';
import type { ModelSource } from './source';

/** Names of the written graph and of its weights. */
const graphFile = 'model.onnx';
const dataFile = 'model.onnx.data';

export interface SafetensorsOptions {
  small: SmallFiles;
  precision: Precision;
  print(line: string): void;
  /** Where progress is shown. */
  stream: ProgressOptions['stream'];
}

/**
 * Fetches the safetensors that a model's owner publishes and writes its graph. The weights are read from the source's
 * folder where it has one, so that they are not copied.
 */
export async function exportSafetensors(
  source: ModelSource,
  staging: string,
  { small, precision, print, stream }: SafetensorsOptions,
): Promise<Step<FetchedModel>> {
  if (!isKnownArchitecture(small.config)) {
    return refusedFiles(
      `${source.label} has safetensors, but config.json names none of the architectures ${architectureNames.join(', ')}: use an ONNX export`,
    );
  }
  const answers = answersOf(small);
  if (!answers.ok) return refusedFiles(`${source.label} ${answers.message}`);
  const write: WriteGraph = (into, how) =>
    withProgress(stream, (onProgress) =>
      exportModel(source.folder ?? staging, {
        ...{ folder: into, graph: graphFile, data: dataFile, onProgress, ...how },
        ...{ config: small.config, ...answers.options },
      }),
    );
  try {
    const fetched = await fetchWeights(source, staging);
    if (!fetched.ok) return fetched;
    print(
      `writing its graph (${precision}) from ${fetched.files.length === 1 ? 'one file' : `${fetched.files.length} files`} of safetensors`,
    );
    await write(staging, { precision });
  } catch (error) {
    await Promise.all([graphFile, dataFile].map((name) => rm(join(staging, name), { force: true })));
    if (error instanceof ExportError) return failureOf(error)(`${source.label}: ${error.message}`);
    throw error;
  }
  const roles = { model: graphFile, modelData: dataFile, ...tokenizerRoles };
  const graph = await readGraph(join(staging, graphFile));
  return { ok: true, graph, roles, ...(precision !== 'fp32' && { made: { precision, writeGraph: write } }) };
}

function failureOf(error: ExportError): (message: string) => Refused<StepFailure> {
  if (error instanceof Float16RangeError) return failedUnlessFp32;
  return error instanceof DiskError ? failed : refusedFiles;
}

/** Shows how much of the weights is written. */
async function withProgress<Result>(
  stream: ProgressOptions['stream'],
  work: (onProgress: NonNullable<ExportOptions['onProgress']>) => Promise<Result>,
): Promise<Result> {
  let progress: Progress | undefined;
  try {
    return await work((writtenBytes, totalBytes) => {
      progress ??= progressOf({ stream, totalBytes, label: dataFile });
      progress?.update(writtenBytes);
    });
  } finally {
    progress?.end();
  }
}

/** The ids of the answers of a language model, if the tokenizer has them. */
function answersOf({ tokenizerJson }: SmallFiles): Step<{ options: Pick<ExportOptions, 'answers'> }> {
  try {
    const answers = qwen3Answers(createPlainTokenizer(tokenizerJson));
    return { ok: true, options: answers ? { answers: { yes: answers.yes.id, no: answers.no.id } } : {} };
  } catch (error) {
    if (error instanceof TokenizerError) return failed(`cannot be served: tokenizer.json: ${error.message}`);
    throw error;
  }
}

/** Fetches the files of the weights, unless they are in a folder of this machine. */
async function fetchWeights(source: ModelSource, staging: string): Promise<Step<{ files: string[] }>> {
  if (sizeOf(source, singleFile) !== undefined) return fetchShards(source, [singleFile], staging);
  const fetched = await fetchFiles(source, [indexFile], staging);
  if (!fetched.ok) return fetched;
  return fetchShards(source, shardsOf(await readFile(join(staging, indexFile))).files, staging);
}

async function fetchShards(source: ModelSource, files: string[], staging: string): Promise<Step<{ files: string[] }>> {
  const lacking = files.find((path) => sizeOf(source, path) === undefined);
  if (lacking !== undefined) return refusedFiles(`${source.label} has no ${lacking}, which ${indexFile} names`);
  const fetched = source.folder === undefined ? await fetchFiles(source, files, staging) : fetchedAlready;
  return fetched.ok ? { ok: true, files } : fetched;
}
const fetchedAlready = { ok: true } as const;
