import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { graphNames, parseManifest } from './manifest';

const valid = JSON.parse(
  readFileSync(join(__dirname, '../../../models/multilingual-e5-small/1/manifest.json'), 'utf8'),
) as Record<string, unknown>;
const file = { path: 'model.onnx', sha256: 'a'.repeat(64), sizeBytes: 1 };

describe('parseManifest', () => {
  test('reads the default bundle', () => {
    expect(parseManifest(valid)).toEqual({ ok: true, manifest: valid });
  });

  test.each([
    ['formatVersion', { formatVersion: 2 }],
    ['head', { head: 'sequence-classification' }],
    ['name', { name: 'a/b' }],
    ['maxLengthTokens', { maxLengthTokens: 0 }],
    ['files.model', { files: { ...(valid['files'] as object), model: undefined } }],
    ['files.model.path', { files: { ...(valid['files'] as object), model: { ...file, path: '../model.onnx' } } }],
    ['files.model.path', { files: { ...(valid['files'] as object), model: { ...file, path: '/model.onnx' } } }],
    ['files.data.sha256', { files: { ...(valid['files'] as object), data: { ...file, sha256: 'ABC' } } }],
    ['calibration', { calibration: undefined }],
    ['template.query', { template: { version: '1' } }],
  ])('names the field at fault in one line: %s', (field, change) => {
    const parsed = parseManifest({ ...valid, ...change });
    expect(parsed).toEqual({ ok: false, reason: expect.stringMatching(new RegExp(`^${field}: .+$`)) });
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
  });
});
