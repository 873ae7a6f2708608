import { endpointUrl, gatewayRoot } from './address';

test.each([
  ['https://host/', 'https://host/v1/rerank', 'https://host'],
  ['https://host/?lang=zh#v1.abc', 'https://host/v1/rerank', 'https://host'],
  ['https://host:8443/ai/rerank/', 'https://host:8443/ai/rerank/v1/rerank', 'https://host:8443/ai/rerank'],
  ['https://host/ai/index.html?x=1#y', 'https://host/ai/v1/rerank', 'https://host/ai'],
  ['http://[::1]:8080/', 'http://[::1]:8080/v1/rerank', 'http://[::1]:8080'],
  ['https://me:secret@host/ai/', 'https://host/ai/v1/rerank', 'https://host/ai'],
])('paths are relative to the page at %s', (page, endpoint, root) => {
  expect(endpointUrl(page, 'v1/rerank')).toBe(endpoint);
  expect(endpointUrl(new URL(page), 'v1/rerank')).toBe(endpoint);
  expect(gatewayRoot(page)).toBe(root);
});

test('the address of the page itself keeps all but the password and the fragment', () => {
  expect(endpointUrl('https://me:secret@host/ai/page?lang=zh#v1.abc', '')).toBe('https://host/ai/page?lang=zh');
});
