import { join } from 'node:path';
import {
  createHead,
  graphNames,
  type EncodedDocument,
  type EncodedQuery,
  type GraphCall,
  type GraphOutputs,
  type Feed,
  type Head,
  type KnownStart,
  type Manifest,
  type Provider,
  type Session,
} from '@rerank-fleet/scoring';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Bundle } from './bundle';
import { BundleError } from './bundle-error';
import { widened } from './half-precision';
import { explainOnnxError } from './onnx-errors';
import { needsX64QuantPrecision, type Processor } from './processor';

export interface SessionOptions {
  /** `cuda` is the first device that the process sees (`CUDA_VISIBLE_DEVICES`). */
  provider: Provider;
  /** Threads per call, for nodes that run on the CPU. */
  threads: number;
  processor: Processor;
  /** A folder that also gets the model as {@link packedFiles}, with weights as the CPU provider packs them. */
  packInto?: string;
}

/** The files of a packed model. */
export const packedFiles = { model: 'model.onnx', weights: 'model.onnx.data' } as const;

/**
 * Runs pairs one by one and gives other outputs of the graph than those that its head reads, for tools that look into a
 * model: one result per call, so two where the query is prepared apart.
 * @throws BundleError
 */
export async function readOutputs(
  bundle: Bundle,
  options: SessionOptions,
  { pairs, outputs }: { pairs: readonly EncodedPair[]; outputs: readonly string[] },
): Promise<GraphOutputs[]> {
  const onnx = await create(join(bundle.dir, bundle.manifest.files.model.path), bundle.manifest, options);
  try {
    const head = createHead(bundle.manifest);
    const results: GraphOutputs[] = [];
    for (const { query, document } of pairs) {
      const read = async ({ feeds, fetches }: GraphCall): Promise<GraphOutputs> => {
        const all = await run(onnx, { feeds, fetches: [...fetches, ...outputs] });
        results.push(Object.fromEntries(outputs.flatMap((name) => (all[name] ? [[name, all[name]]] : []))));
        return all;
      };
      const prepared = await prepare(head, { query }, read);
      await read(head.scoreCall([{ query: prepared, document }]));
    }
    return results;
  } finally {
    await onnx.release();
  }
}

/** A query and a document as token ids. */
export interface EncodedPair {
  query: EncodedQuery;
  document: EncodedDocument;
}

/**
 * Loads the model of a verified bundle and checks its graph against the manifest. Loading and every call block the
 * calling thread, so use it in a worker thread.
 * @throws BundleError
 */
export async function openSession(bundle: Bundle, options: SessionOptions): Promise<Session> {
  const file = bundle.packedModel ?? join(bundle.dir, bundle.manifest.files.model.path);
  const onnx = await create(file, bundle.manifest, options);
  try {
    checkNames(onnx, bundle.manifest, file);
    checkAxes(onnx, bundle.manifest, file);
    const head = createHead(bundle.manifest);
    await probe(onnx, head, file);
    return sessionOf(onnx, head);
  } catch (error) {
    await onnx.release();
    throw error;
  }
}

async function create(file: string, manifest: Manifest, options: SessionOptions): Promise<InferenceSession> {
  // errors are thrown; the reason why a provider does not load would also be printed, in colours
  env.logLevel = 'fatal';
  try {
    return await InferenceSession.create(file, onnxOptions(manifest, options));
  } catch (error) {
    throw explainOnnxError(error, file);
  }
}

/** The options of onnxruntime, which also decide how it packs weights. */
export function onnxOptions(
  manifest: Manifest,
  { provider, threads, processor, packInto }: SessionOptions,
): InferenceSession.SessionOptions {
  return {
    // Nodes that CUDA does not support run on the CPU without naming it. If it were named, it would run everything,
    // with only a warning, on a platform without a CUDA provider.
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Shapes change with every batch, so planning memory by shape costs time and saves none.
    enableMemPattern: false,
    logSeverityLevel: 4,
    ...(packInto !== undefined && { optimizedModelFilePath: join(packInto, packedFiles.model) }),
    extra: {
      session: {
        ...(needsX64QuantPrecision(manifest, processor) && { x64quantprecision: '1' }),
        ...(packInto !== undefined && {
          save_external_prepacked_constant_initializers: '1',
          optimized_model_external_initializers_file_name: packedFiles.weights,
        }),
      },
    },
  };
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
    `${names.file} has the ${kind} ${names.found.join(', ')}; the manifest names ${names.wanted.join(', ')}: map them under "${kind}" in manifest.json, or this is not a model for its head`,
  );
}

/** Checks the axes. An export with fixed axes accepts calls of only one shape, which would show at a later request. */
function checkAxes(onnx: InferenceSession, { inputs, maxRows }: Manifest, file: string): void {
  const metadata = onnx.inputMetadata.find(({ name }) => name === inputs.inputIds);
  if (!metadata?.isTensor) return;
  const [rows, tokens] = metadata.shape;
  if (typeof tokens === 'number') {
    throw new BundleError(`${file} accepts only rows of ${tokens} tokens: export it with dynamic axes`);
  }
  if (typeof rows !== 'number' || (rows === 1 && maxRows === 1)) return;
  const remedy = rows === 1 ? 'set maxRows to 1 in manifest.json' : 'export it with dynamic axes';
  throw new BundleError(
    `${file} accepts only calls of ${rows} rows, but the manifest has maxRows ${maxRows}: ${remedy}`,
  );
}

/**
 * Scores one small pair with the vocabulary's last id. Otherwise an embedding of another model, outputs of another
 * shape or damaged weights would show only at the first request.
 */
async function probe(onnx: InferenceSession, head: Head<unknown>, file: string): Promise<void> {
  const { query, document } = head.probe;
  try {
    const prepared = await prepare(head, { query }, (call) => run(onnx, call));
    const rows = [{ query: prepared, document }];
    head.logits(rows, await run(onnx, head.scoreCall(rows)));
  } catch (error) {
    throw explainOnnxError(error, file);
  }
}

async function prepare(
  head: Head<unknown>,
  { query, start }: { query: EncodedQuery; start?: KnownStart<unknown> | undefined },
  call: (graphCall: GraphCall) => Promise<GraphOutputs>,
): Promise<unknown> {
  const graphCall = head.prepareCall(query, start);
  return head.prepared(query, graphCall === undefined ? {} : await call(graphCall));
}

const closedMessage = 'the session is closed';

function sessionOf(onnx: InferenceSession, head: Head<unknown>): Session {
  let closed = false;
  const call = async (graphCall: GraphCall): Promise<GraphOutputs> => {
    if (closed) throw new Error(closedMessage);
    return run(onnx, graphCall);
  };
  return {
    traits: head.traits,
    async prepare(query, start) {
      if (closed) throw new Error(closedMessage);
      return prepare(head, { query, start }, call);
    },
    preparedBytes: (prepared) => head.preparedBytes(prepared),
    score: async (rows) => head.logits(rows, await call(head.scoreCall(rows))),
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

function tensorOf(feed: Feed): Tensor {
  switch (feed.type) {
    case 'int64':
      return new Tensor(feed.type, feed.data, feed.dims);
    case 'float32':
      return new Tensor(feed.type, feed.data, feed.dims);
    case 'float16':
      return new Tensor(feed.type, feed.data, feed.dims);
    default:
      return feed satisfies never;
  }
}

function outputOf(name: string, { type, data, dims }: Tensor): GraphOutputs[string] {
  if (data instanceof Float32Array) return { data, dims };
  if (type === 'float16' && ArrayBuffer.isView(data)) return { data: widened(data), dims };
  throw new Error(`output ${name} is of the type ${type}, not float32 or float16`);
}
