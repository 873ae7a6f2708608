import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@rerank-fleet/onnx-export';
import { bertRecipe } from './bert';
import { writeCheckpoint } from './checkpoint';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('weights are random with a deviation of 0.02, norms change nothing, and every tensor has its place', async () => {
  const recipe = bertRecipe('tiny', { layers: 1, hidden: 64, inner: 96, heads: 4 });
  await writeCheckpoint(folder, recipe);
  const checkpoint = await openCheckpoint(folder);
  const valuesOf = async (name: string): Promise<Float32Array> => {
    const tensor = checkpoint.tensor(name, recipe.shapes[name] ?? []);
    const [rows = 1, width = 1] = tensor.shape;
    const target = new Uint32Array(rows * width);
    (await tensor.rows(0, rows))(0, target.length, { target, at: 0, stride: 1 });
    return new Float32Array(target.buffer);
  };
  try {
    const words = await valuesOf('bert.embeddings.word_embeddings.weight');
    const deviation = Math.sqrt(words.reduce((sum, value) => sum + value * value, 0) / words.length);
    expect(deviation).toBeCloseTo(0.02, 3);
    expect(new Set(words.subarray(0, 1_000)).size).toBeGreaterThan(500);
    expect(new Set(await valuesOf('bert.embeddings.LayerNorm.weight'))).toEqual(new Set([1]));
    expect(new Set(await valuesOf('classifier.bias'))).toEqual(new Set([0]));
    for (const name of Object.keys(recipe.shapes)) await valuesOf(name);
    expect(checkpoint.unused()).toEqual([]);
  } finally {
    await checkpoint.close();
  }
});
