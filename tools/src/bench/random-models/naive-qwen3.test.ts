import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import { readFixtureManifest, type FixtureCase } from '@rerank-fleet/scoring/testing';
import { writeNaiveQwen3 } from './naive-qwen3';

/** A tiny model with logits by PyTorch. */
const published = join(__dirname, '../../../../libs/onnx-export/fixtures/qwen3-causal');
const read = <Content>(file: string) => JSON.parse(readFileSync(join(published, file), 'utf8')) as Content;
const sizes = { layers: 2, hidden: 64, inner: 128, heads: 4, keyValueHeads: 2, headSize: 16, vocabulary: 1_026 };

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'naive-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('the naive graph gives the logits of PyTorch', async () => {
  await writeNaiveQwen3(published, sizes, { folder, graph: 'model.onnx', data: 'model.onnx.data' });
  const { vocab } = read<{ model: { vocab: { yes: number; no: number } } }>('tokenizer.json').model;
  const manifest = readFixtureManifest('tiny-qwen3', 'plain');
  const bundle = {
    dir: folder,
    manifest: {
      ...manifest,
      files: { ...manifest.files, model: { ...manifest.files.model, path: 'model.onnx' } },
      inputs: { inputIds: 'input_ids', attentionMask: 'attention_mask', positionIds: 'position_ids' },
      answers: { yes: { token: 'yes', id: vocab.yes }, no: { token: 'no', id: vocab.no } },
    },
  } as Bundle;
  const session = await openSession(bundle, { provider: 'cpu', threads: 1, processor: await readProcessor() });
  try {
    const cases = read<{ cases: FixtureCase[] }>('cases.json').cases.slice(0, 20);
    for (const { ids = [], logit } of cases) {
      const [first, rest] = [Int32Array.from(ids.slice(0, 1)), Int32Array.from(ids.slice(1))];
      const query = await session.prepare({ key: 'query', ids: first, tokens: 1 });
      const document = { ids: rest, rowTokens: ids.length, keptTokens: ids.length };
      const [scored = NaN] = await session.score([{ query, document }]);
      expect(Math.abs(scored - logit)).toBeLessThan(1e-4);
    }
    expect(new Set(cases.map(({ logit }) => logit)).size).toBeGreaterThan(15);
  } finally {
    await session.close();
  }
});
