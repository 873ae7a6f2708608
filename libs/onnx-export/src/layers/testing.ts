import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGraph } from '../onnx/graph';
import { openCheckpoint, type Checkpoint } from '../safetensors/checkpoint';
import { safetensorsBytes, writeFiles, type TensorToWrite } from '../safetensors/testing';
import type { Build } from './weights';

/** Opens a checkpoint with these tensors for all tests of a file. */
export function useCheckpoint(tensors: Record<string, TensorToWrite>) {
  const opened = {} as { folder: string; checkpoint: Checkpoint };
  beforeAll(async () => {
    opened.folder = mkdtempSync(join(tmpdir(), 'weights-'));
    writeFiles(opened.folder, { 'model.safetensors': safetensorsBytes(tensors) });
    opened.checkpoint = await openCheckpoint(opened.folder);
  });
  afterAll(async () => {
    await opened.checkpoint.close();
    rmSync(opened.folder, { recursive: true });
  });
  const build = (float: Build['float'] = 'float32'): Build => ({
    graph: createGraph(),
    checkpoint: opened.checkpoint,
    float,
    embeddings: float,
    precisionOf: () => 'fp32',
  });
  return {
    build,
    added: (add: (build: Build) => unknown, float?: Build['float']) => bytesOfWeights(build(float), add),
  };
}

/** The weights that are added to a graph, with their bytes, which are read in order. */
async function bytesOfWeights(build: Build, add: (build: Build) => unknown) {
  add(build);
  const read: { name: string; shape: readonly number[]; bytes: Buffer<ArrayBuffer> }[] = [];
  for (const { name, shape, parts } of build.graph.graph.weights) {
    const bytes: Uint8Array[] = [];
    for await (const part of parts()) bytes.push(part);
    read.push({ name, shape, bytes: Buffer.concat(bytes) });
  }
  return read;
}
