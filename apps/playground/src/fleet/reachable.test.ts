import { isReachable } from './reachable';

test.each([
  ['http://localhost:3000/', 'localhost', true],
  ['http://localhost:3000/', '127.0.0.1', true],
  ['http://[::1]:8081/', 'localhost', true],
  ['http://localhost:3000/', 'rerank.example.org', false],
  ['http://127.0.0.1:8081', '10.0.0.7', false],
  ['http://[::1]:8081/', '10.0.0.7', false],
  ['https://grafana.example.org/', '10.0.0.7', true],
  ['http://127.0.0.1.example.org/', '10.0.0.7', true],
])('%s seen from a page at %s: %s', (address, pageHost, expected) => {
  expect(isReachable(address, pageHost)).toBe(expected);
});
