import { execFile } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withHeader } from './safetensors/testing';

/**
 * One layer of Qwen3-Reranker-8B and a part of its vocabulary, because the whole one would write 2.5 GB. All weights are
 * zeros, which take no room on the disk.
 */
const [width, inner, vocabulary, heads, keyValueHeads, headSize] = [4096, 12_288, 40_000, 32, 8, 128];
const layer = 'model.layers.0.';
const shapes: Record<string, number[]> = {
  'model.embed_tokens.weight': [vocabulary, width],
  [`${layer}input_layernorm.weight`]: [width],
  [`${layer}post_attention_layernorm.weight`]: [width],
  [`${layer}self_attn.q_proj.weight`]: [heads * headSize, width],
  [`${layer}self_attn.k_proj.weight`]: [keyValueHeads * headSize, width],
  [`${layer}self_attn.v_proj.weight`]: [keyValueHeads * headSize, width],
  [`${layer}self_attn.o_proj.weight`]: [width, heads * headSize],
  [`${layer}self_attn.q_norm.weight`]: [headSize],
  [`${layer}self_attn.k_norm.weight`]: [headSize],
  [`${layer}mlp.gate_proj.weight`]: [inner, width],
  [`${layer}mlp.up_proj.weight`]: [inner, width],
  [`${layer}mlp.down_proj.weight`]: [width, inner],
  'model.norm.weight': [width],
};
const config = {
  ...(JSON.parse(readFileSync(join(__dirname, '../fixtures/qwen3-causal/config.json'), 'utf8')) as object),
  ...{ hidden_size: width, intermediate_size: inner, vocab_size: vocabulary, num_hidden_layers: 1 },
  ...{ num_attention_heads: heads, num_key_value_heads: keyValueHeads, head_dim: headSize },
};

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'export-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file of bfloat16 zeros. Returns the bytes of its largest tensor. */
function writeZeros(path: string): number {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const begin = end;
      end += shape.reduce((product, axis) => product * axis, 2);
      return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
    }),
  );
  const start = withHeader(header, new Uint8Array());
  const file = openSync(path, 'w');
  writeSync(file, start);
  closeSync(file);
  truncateSync(path, start.length + end);
  return Math.max(...Object.values(header).map(({ data_offsets: [from, to] }) => (to as number) - (from as number)));
}

test('the export of layers of 8B takes at most twice its largest tensor and 400 MB of memory', async () => {
  const largestBytes = writeZeros(join(folder, 'model.safetensors'));
  const options = { config, folder, graph: 'model.onnx', data: 'model.onnx.data', answers: { yes: 1, no: 2 } };
  const script = `
    require(${JSON.stringify(join(__dirname, 'index.ts'))})
      .exportModel(${JSON.stringify(folder)}, ${JSON.stringify(options)})
      .then(() => console.log(process.resourceUsage().maxRSS * 1024));`;
  const run = promisify(execFile);
  const node = ['--conditions=@rerank-fleet/source', '--require', 'tsx/cjs', '--eval', script];
  const { stdout } = await run(process.execPath, node, { cwd: join(__dirname, '../../..') });
  const peakBytes = Number(stdout);
  expect(peakBytes).toBeGreaterThan(0);
  expect(peakBytes).toBeLessThan(2 * largestBytes + 400e6);
  const elements = Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((all, axis) => all * axis, 1), 0);
  expect(statSync(join(folder, 'model.onnx.data')).size).toBeGreaterThan(4 * elements);
}, 300_000);
