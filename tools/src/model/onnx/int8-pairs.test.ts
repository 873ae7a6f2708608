import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, readProcessor } from '@rerank-fleet/model-runtime';
import { encodePairs, type SequenceClassificationManifest } from '@rerank-fleet/scoring';
import { openFixtureEncoder, readFixtureManifest } from '@rerank-fleet/scoring/testing';
import { int8PairsMayOverflow } from './int8-pairs';
import { readGraph } from './read-graph';
import { productGraph } from './product-testing';
import { onnxFile, type NodeParts, type OnnxParts, type WeightParts } from './testing';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'int8-pairs-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function mayOverflow(graph: Buffer): Promise<boolean> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, graph);
  return int8PairsMayOverflow(await readGraph(path), path);
}

/** Matrices of 8-bit weights, row by row, and whether a pair of them overflows. */
const matrices: [words: string, rows: number[][], overflows: boolean][] = [
  ['7 bits', [[63], [63], [-63], [-63]], false],
  ['pairs of 128', [[64], [64], [-64], [-64]], false],
  ['a pair of 129', [[64], [65]], true],
  ['a pair of -129', [[-65], [-64]], true],
  ['the largest weight beside 1', [[127], [1], [1], [127]], false],
  ['the largest weight beside 2', [[127], [2]], true],
  ['the smallest weight beside 0', [[-128], [0], [0], [-128]], false],
  ['the smallest weight beside -1', [[-128], [-1]], true],
  ['large weights of different signs', [[127], [-127], [-128], [127]], false],
  ['neighbours that are no pair', [[0], [127], [127], [0]], false],
  ['a large last row without a partner', [[1], [1], [127]], false],
  ['a large pair at the end', [[1], [1], [1], [1], [100], [100]], true],
  [
    'neighbours in one row',
    [
      [127, 127, 127, 127],
      [0, -127, 1, -128],
    ],
    false,
  ],
  [
    'a large pair in the last column',
    [
      [1, 1, 127],
      [1, 1, 127],
    ],
    true,
  ],
  [
    'a large pair after many rows',
    [
      ...Array.from({ length: 1_000 }, () => Array<number>(2_000).fill(1)),
      [9, ...Array<number>(1_999).fill(100)],
      Array<number>(2_000).fill(100),
    ],
    true,
  ],
];

it.each(matrices)('finds pairs that overflow: %s', async (_words, rows, overflows) => {
  expect(await mayOverflow(productGraph(rows))).toBe(overflows);
});

const small: WeightParts = { name: 'w', type: 3, dims: [2, 1], content: Buffer.from([1, 1]) };
const large: WeightParts = { ...small, content: Buffer.from([100, 100]) };
const product = (type = 'MatMulInteger', inputs = ['x', 'w']): NodeParts => ({ type, inputs, outputs: ['y'] });
const domain = 'com.microsoft';

/** Operators with the inputs in the places that ONNX and onnxruntime give them. */
const products: NodeParts[] = [
  product(),
  product('QLinearMatMul', ['x', 'scale', 'zero', 'w', 'w_scale', 'w_zero', 'y_scale', 'y_zero']),
  { ...product('MatMulIntegerToFloat', ['x', 'w', 'scale', 'w_scale']), domain },
  { ...product('DynamicQuantizeMatMul', ['x', 'w', 'w_scale']), domain },
];

it.each(products)('reads the weights of $type', async (node) => {
  expect(await mayOverflow(onnxFile({ nodes: [node], weights: [small] }))).toBe(false);
  expect(await mayOverflow(onnxFile({ nodes: [node], weights: [large] }))).toBe(true);
});

it('reads weights beside the graph', async () => {
  writeFileSync(join(folder, 'model.onnx_data'), Buffer.from([100, 1, 1, 100]));
  const at = (offset: number): OnnxParts => ({
    nodes: [product()],
    weights: [{ name: 'w', type: 3, dims: [2, 1], external: { location: 'model.onnx_data', offset, length: 2 } }],
  });
  for (const offset of [0, 1, 2]) expect(await mayOverflow(onnxFile(at(offset)))).toBe(false);
  writeFileSync(join(folder, 'model.onnx_data'), Buffer.from([1, 100, 100, 1]));
  expect(await mayOverflow(onnxFile(at(1)))).toBe(true);
});

it('does not mind unsigned weights, or a graph without products of integers', async () => {
  const unsigned = { ...large, type: 2 };
  expect(await mayOverflow(onnxFile({ nodes: [product()], weights: [unsigned] }))).toBe(false);
  expect(await mayOverflow(onnxFile({ nodes: [product('MatMul')], weights: [large] }))).toBe(false);
});

/** Graphs whose weights are not all read. */
const unread: [words: string, parts: OnnxParts][] = [
  ['weights without bytes', { nodes: [product()], weights: [{ name: 'w', type: 3, dims: [2, 1] }] }],
  ['weights of another size', { nodes: [product()], weights: [{ ...small, dims: [4, 1] }] }],
  ['weights without a size', { nodes: [product()], weights: [{ ...small, dims: [] }] }],
  ['weights of size 0', { nodes: [product()], weights: [{ ...small, dims: [0, 1], content: Buffer.alloc(0) }] }],
  ['several matrices', { nodes: [product()], weights: [{ ...small, dims: [1, 2, 1] }] }],
  ['weights of another type', { nodes: [product()], weights: [{ ...small, type: 6 }] }],
  ['weights that a node makes', { nodes: [{ type: 'Constant', outputs: ['w'], constant: small }, product()] }],
  ['a product in a subgraph', { nodes: [{ type: 'If', inner: { nodes: [product()], weights: [small] } }] }],
  ['another product of integers', { nodes: [product(), { type: 'QAttention', domain }], weights: [small] }],
  ...[3, -1, 0.5, NaN].map((offset): [string, OnnxParts] => [
    `weights at ${offset} of a file of 4 bytes`,
    {
      nodes: [product()],
      weights: [{ name: 'w', type: 3, dims: [2, 1], external: { location: 'cut.onnx_data', offset, length: 2 } }],
    },
  ]),
];

it.each(unread)('assumes an overflow for %s', async (_words, parts) => {
  writeFileSync(join(folder, 'cut.onnx_data'), Buffer.from([1, 1, 1, 1]));
  expect(await mayOverflow(onnxFile(parts))).toBe(true);
});

describe('onnxruntime without exact sums', () => {
  const manifest = readFixtureManifest('tiny-bert', '1') as SequenceClassificationManifest;
  const encoder = openFixtureEncoder('tiny-bert', '1', 512);

  /** Whether the sums of a matrix with the largest activations are right. */
  async function sumsAreExact(rows: number[][]): Promise<boolean> {
    writeFileSync(join(folder, manifest.files.model.path), productGraph(rows));
    const inputs = { inputIds: 'input_ids', attentionMask: 'attention_mask' };
    const bundle = { dir: folder, manifest: { ...manifest, inputs } };
    const session = await openSession(bundle, { provider: 'cpu', threads: 1, processor: await readProcessor() });
    const encoded = encodePairs(encoder, { query: 'one', documents: ['two three'] });
    const [document] = encoded.ok ? encoded.documents : [];
    if (!encoded.ok || document === undefined) throw new Error('not encoded');
    const [logit] = await session.score([{ query: await session.prepare(encoded.query), document }]);
    await session.close();
    const tokens = encoded.query.ids.length + document.ids.length;
    return logit === tokens * 255 * rows.flat().reduce((sum, weight) => sum + weight, 0);
  }

  const tried = matrices.filter(([, rows]) => rows.length < 100);
  it.each(tried)('gives wrong sums only for pairs that overflow, on processors without VNNI: %s', async (...one) => {
    const [, rows, overflows] = one;
    const { addsInt8PairsIn16Bits } = await readProcessor();
    expect(await sumsAreExact(rows)).toBe(!(overflows && addsInt8PairsIn16Bits));
  });
});
