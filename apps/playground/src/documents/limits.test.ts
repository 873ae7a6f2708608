import fc from 'fast-check';
import { rankPayload } from '../ranking/request';
import { checkLimits, payloadBytes } from './limits';

const request = { model: 'm', query: 'q', documents: ['a', 'b'], instruction: '' };
const limits = { maxDocuments: 2, maxTextCharacters: 5, maxBodyBytes: 1_000 };

test('a request at its limits may go', () => {
  const full = { ...request, query: '12345', instruction: '12345', documents: ['12345', '文😀文'.padEnd(5, 'x')] };
  expect(checkLimits(full, { ...limits, maxBodyBytes: payloadBytes(full) })).toEqual([]);
});

test('everything that is too much is found at once', () => {
  const tooMuch = { ...request, query: '123456', instruction: '1234567', documents: ['a', '文😀文字字', 'c'] };
  expect(checkLimits(tooMuch, { ...limits, maxBodyBytes: 10 })).toEqual([
    { code: 'too_many_documents', count: 3, limit: 2 },
    { code: 'query_too_long', characters: 6, limit: 5 },
    { code: 'instruction_too_long', characters: 7, limit: 5 },
    { code: 'document_too_long', index: 1, characters: 6, limit: 5 },
    { code: 'body_too_large', sizeBytes: payloadBytes(tooMuch), limitBytes: 10 },
  ]);
});

test('a request without query or documents is found', () => {
  expect(checkLimits({ ...request, query: ' \n', documents: [] }, limits)).toEqual([
    { code: 'no_query' },
    { code: 'no_documents' },
  ]);
});

test('one byte above the limit of a body is too large', () => {
  const sizeBytes = payloadBytes(request);
  expect(checkLimits(request, { ...limits, maxBodyBytes: sizeBytes })).toEqual([]);
  expect(checkLimits(request, { ...limits, maxBodyBytes: sizeBytes - 1 })).toEqual([
    { code: 'body_too_large', sizeBytes, limitBytes: sizeBytes - 1 },
  ]);
});

test('the bytes of a body are those that are sent, whatever its text', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(units, (query) => {
      const sent = { ...request, query };
      expect(payloadBytes(sent)).toBe(Buffer.byteLength(rankPayload(sent)));
    }),
  );
});
