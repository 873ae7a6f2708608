import { redisRefusals, redisTroubles } from '@rerank-fleet/contract';
import { describeTrouble, mayClearOnReconnect, troubleOf } from './trouble';

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('what an error says of Redis', () => {
  test.each(redisRefusals)('%s is recognised by its word, also in the error of a script', (refusal) => {
    expect(troubleOf(replyError(`${refusal} of some kind.`))).toBe(refusal);
    const ofScript = `ERR Error running script (call to f_1): @user_script:4: @user_script: 4: -${refusal} of some kind.`;
    expect(troubleOf(replyError(ofScript))).toBe(refusal);
  });

  test('any other reply is an error of its own, and what is no reply means that Redis is away', () => {
    expect(troubleOf(replyError('ERR unknown command'))).toBe('other');
    expect(troubleOf(replyError('WRONGTYPE Operation against a key'))).toBe('other');
    expect(troubleOf(new Error('Connection is closed.'))).toBe('away');
    expect(troubleOf(new Error('connect ECONNREFUSED READONLY'))).toBe('away');
  });

  test('another connection is tried where another server or login may answer, and not against a full or sick one', () => {
    const cured = redisRefusals.filter((refusal) => mayClearOnReconnect(replyError(`${refusal} x`)));
    expect(cured).toEqual(['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'NOAUTH', 'WRONGPASS']);
    expect(mayClearOnReconnect(new Error('Command timed out'))).toBe(false);
  });

  test('each has its own description', () => {
    expect(new Set(redisTroubles.map(describeTrouble)).size).toBe(redisTroubles.length);
  });
});
