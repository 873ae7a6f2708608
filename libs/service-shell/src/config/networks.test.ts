import { z } from 'zod';
import { ConfigError, parseConfig } from './config';
import { createNetworkCheck, networks } from './networks';

const parse = (text: string) => parseConfig(z.object({ NETWORKS: networks() }), { NETWORKS: text }).NETWORKS;

test.each(['0.0.0.0/0', '::/0', '1.2.3.4/32', 'fe80::/10', '::ffff:10.0.0.0/104'])('%s is a network', (text) =>
  expect(parse(text)).toEqual([text]),
);

test.each(['1.2.3.4/33', '1.2.3/8', '1.2.3.4', '::1/129', '::1', '/8', '1.2.3.4/', 'here/8', '10.0.0.0/8, x'])(
  '%s is none',
  (text) => expect(() => parse(text)).toThrow(ConfigError),
);

test('several are separated by commas', () => {
  expect(parse(' 10.0.0.0/8, ,fd00::/8')).toEqual(['10.0.0.0/8', 'fd00::/8']);
});

test.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['11.1.2.3', false],
  ['fd00::1', true],
  ['fd00::1%eth0', true],
  ['fe80::1', false],
  ['10.1.2.3:80', false],
  ['localhost', false],
  ['', false],
  [undefined, false],
])('%s is within one of the networks: %s', (address, expected) => {
  expect(createNetworkCheck(['10.0.0.0/8', 'fd00::/8'])(address)).toBe(expected);
});

test.each(['127.0.0.1', '::1', '0.0.0.0'])('%s is within none when there are none', (address) => {
  expect(createNetworkCheck([])(address)).toBe(false);
});
