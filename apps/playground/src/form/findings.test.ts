import type { TFunction } from 'i18next';
import type { LimitFinding } from '../documents/limits';
import { fieldId, fieldOf, findingText, isMissing } from './findings';

const findings: LimitFinding[] = [
  { code: 'no_query' },
  { code: 'no_documents' },
  { code: 'too_many_documents', count: 1_001, limit: 1_000 },
  { code: 'document_too_long', index: 2, characters: 11, limit: 10 },
  { code: 'query_too_long', characters: 11, limit: 10 },
  { code: 'instruction_too_long', characters: 11, limit: 10 },
  { code: 'body_too_large', sizeBytes: 12_500_000, limitBytes: 10_000_000 },
];
/** The key and what is put in. */
const t = ((key: string, values: object = {}) => `${key} ${JSON.stringify(values)}`) as unknown as TFunction;

test('every finding stands under the field that it is about', () => {
  expect(findings.map(fieldOf)).toEqual([
    'query',
    'documents',
    'documents',
    'documents',
    'query',
    'instruction',
    'documents',
  ]);
});

test('a finding about an instruction leads to that of its side', () => {
  expect(fieldId({ code: 'instruction_too_long', characters: 2, limit: 1 }, 'b')).toBe('instruction-b');
  expect(fieldId({ code: 'no_query' }, 'b')).toBe('query');
});

test('missing parts are distinguished from exceeded limits', () => {
  expect(findings.filter(isMissing).map(({ code }) => code)).toEqual(['no_query', 'no_documents']);
});

test('a document is counted from 1, and sizes are in megabytes', () => {
  expect(findingText(t, findings[3]!)).toContain('"position":3');
  expect(findingText(t, findings[6]!)).toBe('finding.body_too_large {"size":12.5,"limit":10}');
});
