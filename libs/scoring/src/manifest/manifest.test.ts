import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtureModels, readFixtureManifest } from '../testing/fixtures';
import { graphNames, parseManifest } from './manifest';

const valid = JSON.parse(
  readFileSync(join(__dirname, '../../../../models/multilingual-e5-small/1/manifest.json'), 'utf8'),
) as Record<string, unknown>;
const file = { path: 'model.onnx', sha256: 'a'.repeat(64), sizeBytes: 1 };

describe('parseManifest', () => {
  test('reads the default bundle', () => {
    expect(parseManifest(valid)).toEqual({ ok: true, manifest: valid });
  });

  test.each([
    ['formatVersion', { formatVersion: 2 }],
    ['head', { head: 'embedding' }],
    ['inputs', { head: 'sequence-classification' }],
    ['name', { name: 'a/b' }],
    ['maxLengthTokens', { maxLengthTokens: 0 }],
    ['files.model', { files: { ...(valid['files'] as object), model: undefined } }],
    ['files.model.path', { files: { ...(valid['files'] as object), model: { ...file, path: '../model.onnx' } } }],
    ['files.model.path', { files: { ...(valid['files'] as object), model: { ...file, path: '/model.onnx' } } }],
    ['files.data.sha256', { files: { ...(valid['files'] as object), data: { ...file, sha256: 'ABC' } } }],
    ['tokenBudget.cpu', { tokenBudget: { cuda: 8_192 } }],
    ['tokenBudget.cuda', { tokenBudget: { cpu: 256, cuda: 0 } }],
    ['tokenBudget', { tokenBudget: { cpu: 256, tensorrt: 8_192 } }],
    ['calibration', { calibration: undefined }],
    ['template.query', { template: { version: '1' } }],
  ])('names the field at fault in one line: %s', (field, change) => {
    const parsed = parseManifest({ ...valid, ...change });
    expect(parsed).toEqual({ ok: false, reason: expect.stringMatching(new RegExp(`^${field}: .+$`)) });
  });

  test.each([
    'tiny-bert/1',
    'tiny-xlmr/1',
    ...['plain', 'kv', 'gqa', 'fp16', 'seqcls'].map((one) => `tiny-qwen3/${one}`),
  ])('reads %s', (folder) => {
    const json: unknown = JSON.parse(readFileSync(join(fixtureModels, folder, 'manifest.json'), 'utf8'));
    expect(parseManifest(json)).toEqual({ ok: true, manifest: json });
  });

  test.each([
    ['no place for the document', '{query}'],
    ['two places for the document', '{query} {document} {document}'],
    ['no space before the document', '{query}:{document}'],
    ['text after the document', '{query}: {document}.'],
    ['no place for the query', 'Document: {document}'],
  ])('refuses a template with %s', (_name, body) => {
    const manifest = readFixtureManifest('tiny-qwen3', 'plain');
    expect(parseManifest({ ...manifest, template: { ...manifest.template, body } })).toMatchObject({
      reason: expect.stringMatching(/^template\.body: must /),
    });
  });

  test('names a field that it does not know', () => {
    expect(parseManifest({ ...valid, paddingID: 1 })).toMatchObject({ reason: expect.stringContaining('paddingID') });
  });

  test.each([[null], ['text'], [[]], [undefined]])('refuses %p', (json) => {
    expect(parseManifest(json)).toMatchObject({ ok: false, reason: expect.stringMatching(/^.+$/) });
  });

  test('lists the names that the graph must have', () => {
    const parsed = parseManifest(valid);
    expect(parsed.ok && graphNames(parsed.manifest)).toEqual({
      inputs: ['input_ids', 'attention_mask', 'query_vectors', 'query_mask'],
      outputs: ['token_vectors', 'score'],
    });
    expect(graphNames(readFixtureManifest('tiny-qwen3', 'kv'))).toEqual({
      inputs: [
        ...['input_ids', 'attention_mask', 'position_ids', 'past_key_values.0.key', 'past_key_values.0.value'],
        ...['past_key_values.1.key', 'past_key_values.1.value'],
      ],
      outputs: ['logits', 'present.0.key', 'present.0.value', 'present.1.key', 'present.1.value'],
    });
  });
});
