import type { TFunction } from 'i18next';
import { fileProblemText } from './file-problem-text';

const t = ((key: string, values: object = {}) => `${key} ${JSON.stringify(values)}`) as unknown as TFunction;

test('a fault in JSON is placed where its line is known', () => {
  expect(fileProblemText(t, { code: 'invalid_json', line: 3 })).toBe('file.invalid_json_line {"line":3}');
  expect(fileProblemText(t, { code: 'invalid_json', line: null })).toBe('file.invalid_json {}');
});

test('a file that is too large is reported with its size and the limit in megabytes', () => {
  const problem = { code: 'too_large', sizeBytes: 11_000_000, limitBytes: 10_000_000 } as const;
  expect(fileProblemText(t, problem)).toBe('file.too_large {"size":11,"limit":10}');
});

test('an unsupported file is reported with the supported types', () => {
  expect(fileProblemText(t, { code: 'unsupported_type', extension: 'pdf' })).toContain('.csv');
});
