import { join } from 'node:path';
import {
  createHead,
  graphNames,
  type EncodedQuery,
  type GraphCall,
  type GraphOutputs,
  type Head,
  type Manifest,
  type Row,
  type Session,
} from '@rerank-fleet/scoring';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Bundle } from './bundle';
import { BundleError } from './bundle-error';
import { explainOnnxError } from './onnx-errors';

/** Where a session computes. */
export type Provider = keyof Manifest['tokenBudget'];

export interface SessionOptions {
  provider: Provider;
  /** Threads of one call. */
  threads: number;
}

/**
 * Loads the model of a verified bundle and checks that its graph is the one that the manifest describes. Loading and
 * every call block the calling thread, so this belongs in a worker thread.
 * @throws BundleError
 */
export async function openSession(bundle: Bundle, options: SessionOptions): Promise<Session> {
  const file = join(bundle.dir, bundle.manifest.files.model.path);
  const onnx = await create(file, options);
  try {
    checkNames(onnx, bundle.manifest, file);
    const head = createHead(bundle.manifest);
    await probe(onnx, head, { manifest: bundle.manifest, file });
    return sessionOf(onnx, head);
  } catch (error) {
    await onnx.release();
    throw error;
  }
}

async function create(file: string, { provider, threads }: SessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Shapes change with every batch: planning memory by shape costs time and saves none.
      enableMemPattern: false,
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw explainOnnxError(error, file);
  }
}

function checkNames(onnx: InferenceSession, manifest: Manifest, file: string): void {
  const { inputs, outputs } = graphNames(manifest);
  checkSet('inputs', { found: onnx.inputNames, wanted: inputs, file });
  const lacking = outputs.filter((name) => !onnx.outputNames.includes(name));
  if (lacking.length > 0) checkSet('outputs', { found: onnx.outputNames, wanted: outputs, file });
}

function checkSet(
  kind: 'inputs' | 'outputs',
  names: { found: readonly string[]; wanted: string[]; file: string },
): void {
  if ([...names.found].sort().join() === [...names.wanted].sort().join()) return;
  throw new BundleError(
    `${names.file} has the ${kind} ${names.found.join(', ')}; the manifest wants ${names.wanted.join(', ')}: map them under "${kind}" in manifest.json, or this is not a model for its head`,
  );
}

/**
 * One small call with the vocabulary's last id: an embedding of another model, or vectors of another size, would else
 * show only at the first text that needs them.
 */
async function probe<Prepared>(
  onnx: InferenceSession,
  head: Head<Prepared>,
  { manifest, file }: { manifest: Manifest; file: string },
): Promise<void> {
  const ids = Int32Array.from([
    ...manifest.template.query.prefixIds,
    manifest.vocabularySize - 1,
    ...manifest.template.query.suffixIds,
  ]);
  const query: EncodedQuery = { key: 'probe', ids, tokens: ids.length };
  try {
    head.prepared(query, await run(onnx, head.prepareCall(query)));
  } catch (error) {
    throw explainOnnxError(error, file);
  }
}

function sessionOf<Prepared>(onnx: InferenceSession, head: Head<Prepared>): Session<Prepared> {
  let closed = false;
  const call = async (graphCall: GraphCall): Promise<GraphOutputs> => {
    if (closed) throw new Error('the session is closed');
    return run(onnx, graphCall);
  };
  return {
    traits: head.traits,
    prepare: async (query) => head.prepared(query, await call(head.prepareCall(query))),
    score: async (rows: readonly Row<Prepared>[]) => head.logits(rows, await call(head.scoreCall(rows))),
    async close() {
      if (closed) return;
      closed = true;
      await onnx.release();
    },
  };
}

async function run(onnx: InferenceSession, { feeds, fetches }: GraphCall): Promise<GraphOutputs> {
  const tensors = Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)] as const);
  const results = await onnx.run(Object.fromEntries(tensors), [...fetches]);
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, outputOf(name, tensor)]));
}

function tensorOf({ type, data, dims }: GraphCall['feeds'][string]): Tensor {
  return type === 'int64' ? new Tensor(type, data, dims) : new Tensor(type, data, dims);
}

function outputOf(name: string, { data, dims }: Tensor): GraphOutputs[string] {
  if (!(data instanceof Float32Array)) throw new Error(`output ${name} is not float32`);
  return { data, dims };
}
