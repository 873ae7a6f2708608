import { errorCodes } from '@rerank-fleet/contract';
import type { ErrorCode } from '@rerank-fleet/contract';
import { rejectedReasons } from './labels';
import { rejectedReason } from './rejected-reason';

describe('rejectedReason', () => {
  test.each([
    ['unauthorized', 'auth'],
    ['origin_not_allowed', 'auth'],
    ['queue_full', 'queue_full'],
    ['gateway_full', 'gateway_full'],
    ['too_many_tokens', 'too_large'],
    ['headers_too_large', 'too_large'],
    ['body_too_large', 'too_large'],
    ['invalid_json', 'bad_request'],
    ['malformed_request', 'bad_request'],
    ['expectation_failed', 'bad_request'],
    ['model_not_found', 'bad_request'],
    ['no_worker', 'no_worker'],
    ['redis_away', 'redis_away'],
    ['interrupted', 'interrupted'],
    ['deadline_exceeded', 'timeout'],
    ['body_timeout', 'timeout'],
    ['headers_timeout', 'timeout'],
    ['cancelled', 'client_gone'],
    ['internal', undefined],
    ['invalid_score', undefined],
  ] as [ErrorCode, string | undefined][])('counts %s as %s', (code, reason) => {
    expect(rejectedReason(code)).toBe(reason);
  });

  test('decides for every error code, and can give every reason but the limits that do not exist yet', () => {
    const given = new Set(errorCodes.map(rejectedReason));
    expect(rejectedReasons.filter((reason) => !given.has(reason))).toEqual(['rate_limit']);
  });

  test('throws for a code that is not in the contract', () => {
    expect(() => rejectedReason('new_code' as ErrorCode)).toThrow('new_code');
  });
});
