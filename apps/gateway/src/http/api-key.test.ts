import { type IncomingMessage } from 'node:http';
import { createSecret } from '@rerank-fleet/service-shell';
import { createAccessCheck } from './api-key';
import { rankEndpoints } from '../rank/endpoints';
import { bodyOf, call, pathOf, startEdge, type TestEdge } from '../testing';

const requestFrom = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe('createAccessCheck', () => {
  const keys = ['first', 'second'].map(createSecret);

  test('without keys everybody may come', () => {
    expect(createAccessCheck({ apiKeys: [], trustedNetworks: [] })(requestFrom('8.8.8.8'))).toBe('without_key');
  });

  test('each of several keys opens, anything else does not', () => {
    const check = createAccessCheck({ apiKeys: keys, trustedNetworks: [] });
    const hasAccess = (request: IncomingMessage) => check(request) === 'with_key';
    const withKey = (authorization: string) => hasAccess(requestFrom('8.8.8.8', { authorization }));
    expect(['first', 'Bearer first', 'Bearer second'].map(withKey)).toEqual([true, true, true]);
    expect(
      ['', 'Bearer', 'Bearer ', 'Bearer firs', 'Bearer firstt', 'first second', 'Basic first'].map(withKey),
    ).toEqual(Array(7).fill(false));
    expect(hasAccess(requestFrom('8.8.8.8'))).toBe(false);
    expect(hasAccess(requestFrom('8.8.8.8', { 'x-api-key': 'second' }))).toBe(true);
    expect(hasAccess(requestFrom('8.8.8.8', { authorization: 'Basic proxy', 'x-api-key': 'second' }))).toBe(true);
    expect(hasAccess(requestFrom('8.8.8.8', { 'x-api-key': 'of-a-proxy', 'api-key': 'first' }))).toBe(true);
  });

  test.each([
    ['10.1.2.3', 'without_key'],
    ['::ffff:10.1.2.3', 'without_key'],
    ['11.1.2.3', 'denied'],
    ['fd00::1', 'without_key'],
    ['fe80::1', 'denied'],
    ['', 'denied'],
  ])('the network of %s is trusted: %s', (address, access) => {
    const check = createAccessCheck({ apiKeys: keys, trustedNetworks: ['10.0.0.0/8', 'fd00::/8'] });
    expect(check(requestFrom(address))).toBe(access);
    expect(check(requestFrom(address, { 'api-key': 'first' }))).toBe('with_key');
  });

  test('no network is trusted unless one is stated', () => {
    expect(createAccessCheck({ apiKeys: keys, trustedNetworks: [] })(requestFrom('127.0.0.1'))).toBe('denied');
  });
});

describe('with a key set', () => {
  let edge: TestEdge;
  beforeAll(async () => (edge = await startEdge({ env: { API_KEYS: 'secret-key' } })));
  afterAll(() => edge.close());

  const body = { query: 'q', documents: ['a'] };

  test.each(rankEndpoints)('$path asks for it', async (endpoint) => {
    const path = pathOf(endpoint);
    const sent = bodyOf(endpoint);
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-api-key': 'wrong' }, { 'api-key': 'wrong' }]) {
      const answer = await call(edge, { path, body: sent, headers: headers as Record<string, string> });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="rerank"');
    }
    const headers = { authorization: 'Bearer secret-key' };
    expect((await call(edge, { path, body: sent, headers })).status).toBe(200);
  });

  test.each(['/v1/models', '/v1/models/e5', '/info'])('GET %s asks for it', async (path) => {
    expect((await call(edge, { path, method: 'GET' })).status).toBe(401);
    expect((await call(edge, { path, method: 'GET', headers: { authorization: 'secret-key' } })).status).toBe(200);
  });

  test.each(['/health', '/ready', '/docs', '/openapi.json', '/v1/cluster/auth'])('GET %s does not', async (path) =>
    expect((await call(edge, { path, method: 'GET' })).status).toBe(200),
  );

  test('the key is asked for before the body is read', async () => {
    expect((await call(edge, { body: '{' })).status).toBe(401);
  });

  test('no caller without it reaches the fleet', async () => {
    const asked = edge.fleet.asked.length;
    await call(edge, { body });
    expect(edge.fleet.asked).toHaveLength(asked);
  });
});
