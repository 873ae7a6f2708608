import { findAddresses } from './listening';

const line = (entry: object) => `${JSON.stringify(entry)}\n`;

it('finds both addresses of a gateway among other lines', () => {
  const log = `warming up\n${line({ msg: 'start' })}${line({
    msg: 'listening',
    url: 'http://127.0.0.1:80/',
    opsUrl: 'http://127.0.0.1:81',
  })}`;
  expect(findAddresses(log)).toEqual({ url: 'http://127.0.0.1:80', opsUrl: 'http://127.0.0.1:81' });
});

it('finds the ops address of a worker', () => {
  expect(findAddresses(line({ msg: 'listening', opsUrl: 'http://127.0.0.1:81' }))).toEqual({
    opsUrl: 'http://127.0.0.1:81',
  });
});

it.each([
  ['an unfinished line', JSON.stringify({ msg: 'listening', opsUrl: 'http://127.0.0.1:81' })],
  ['another message that holds the word', line({ msg: 'not "listening"', opsUrl: 'http://127.0.0.1:81' })],
  ['a line that is no JSON', '"listening" {\n'],
  ['a line without addresses', line({ msg: 'listening' })],
  ['nothing', ''],
])('finds nothing in %s', (_what, log) => {
  expect(findAddresses(log)).toBeUndefined();
});

it('turns "all interfaces" into an address that a client can use', () => {
  const log = line({ msg: 'listening', url: 'http://[::]:80', opsUrl: 'http://0.0.0.0:81' });
  expect(findAddresses(log)).toEqual({ url: 'http://[::1]:80', opsUrl: 'http://127.0.0.1:81' });
});
