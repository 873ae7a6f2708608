import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { ConfigError, parseConfig } from './config';
import { parseRedisUrl, redisFields, redisServer } from './redis-server';

/** A location with its secrets shown. */
function shown(text: string) {
  const location = parseRedisUrl(text);
  if (location === undefined) return undefined;
  const { url: _url, password, ...rest } = location;
  return { ...rest, ...(password && { password: password.reveal() }) };
}

const at = (host: string, port = 6379) => ({ host, port });
const plain = { kind: 'single', database: 0, isEncrypted: false };

describe('the address of Redis', () => {
  test.each([
    ['redis://h', { ...plain, addresses: [at('h')] }],
    ['REDIS://127.0.0.1:7/', { ...plain, addresses: [at('127.0.0.1', 7)] }],
    ['rediss://h:6380/3', { ...plain, addresses: [at('h', 6380)], isEncrypted: true, database: 3 }],
    ['redis://[::1]:7', { ...plain, addresses: [at('::1', 7)] }],
    ['redis://u@h', { ...plain, addresses: [at('h')], username: 'u' }],
    ['redis://:p%40ss%2F%3A%23@h', { ...plain, addresses: [at('h')], password: 'p@ss/:#' }],
    ['redis://u:p:q@h', { ...plain, addresses: [at('h')], username: 'u', password: 'p:q' }],
    [
      'redis+sentinel://u:p@a:1,b,[::2]:3/main',
      {
        ...plain,
        kind: 'sentinel',
        addresses: [at('a', 1), at('b', 26_379), at('::2', 3)],
        masterName: 'main',
        username: 'u',
        password: 'p',
      },
    ],
    ['rediss+cluster://a:1,b', { ...plain, kind: 'cluster', addresses: [at('a', 1), at('b')], isEncrypted: true }],
    ['redis+cluster://a/0', { ...plain, kind: 'cluster', addresses: [at('a')] }],
  ])('%s', (text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test.each([
    ['another protocol', 'http://h'],
    ['another spelling of Sentinels', 'redis-sentinel://a,b/main'],
    ['no host', 'redis://'],
    ['an empty host', 'redis+cluster://a,,b'],
    ['several hosts for one server', 'redis://a,b'],
    ['a port that is none', 'redis://h:0'],
    ['a port that is too large', 'redis://h:65536'],
    ['Sentinels without the name of a master', 'redis+sentinel://a,b'],
    ['a database that is no number', 'redis://h/x'],
    ['a database of a Cluster', 'redis+cluster://a/1'],
    ['a query', 'redis://h?password=x'],
    ['a password with an unencoded @', 'redis://:p@ss@h'],
    ['a password with an unencoded /', 'redis://:p/ss@h'],
    ['a password with an unencoded #', 'redis://:p#ss@h'],
    ['a password with a broken encoding', 'redis://:p%ss@h'],
    ['a line break', 'redis://h\n'],
  ])('is refused with %s', (_name, text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });

  test('gives back any password and user that were percent-encoded', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, (user, password) => {
        const url = `redis://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h`;
        expect(shown(url)).toMatchObject({ username: user, password, addresses: [at('h')] });
      }),
    );
  });
});

describe('the variables of Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rerank-pem-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const pem = file('file.pem', '-----BEGIN CERTIFICATE-----\nx\n');
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (env: Record<string, string>) => redisServer(parseConfig(z.object(redisFields), env));

  test('give one server on this machine when none is set', () => {
    expect(read({})).toMatchObject({ kind: 'single', addresses: [at('127.0.0.1')] });
    expect(read({}).tls).toBeUndefined();
  });

  test('give the content of the files of TLS, and the system’s authorities where there is no file', () => {
    const { tls } = read({ REDIS_URL: 'rediss://h', REDIS_TLS_CA: pem, REDIS_TLS_CERT: pem, REDIS_TLS_KEY: pem });
    expect(tls).toMatchObject({ ca: expect.stringContaining('BEGIN'), cert: expect.stringContaining('BEGIN') });
    expect(tls?.key?.reveal()).toContain('BEGIN');
    expect(JSON.stringify(tls?.key)).not.toContain('BEGIN');
    expect(read({ REDIS_URL: 'rediss+cluster://h' }).tls).toEqual({});
  });

  test.each([
    ['REDIS_TLS_CA', { REDIS_URL: 'rediss://h', REDIS_TLS_CA: join(folder, 'missing.pem') }],
    ['REDIS_TLS_CA', { REDIS_URL: 'rediss://h', REDIS_TLS_CA: file('none.pem', 'no certificate') }],
    ['REDIS_TLS_CERT', { REDIS_URL: 'rediss://h', REDIS_TLS_CERT: pem }],
    ['REDIS_TLS_CERT', { REDIS_URL: 'rediss://h', REDIS_TLS_KEY: pem }],
    ['REDIS_URL', { REDIS_URL: 'redis://h', REDIS_TLS_CA: pem }],
  ])('end the start at %s when they cannot be used', (variable, env) => {
    expect(() => read(env)).toThrow(ConfigError);
    expect(() => read(env)).toThrow(variable);
  });
});
