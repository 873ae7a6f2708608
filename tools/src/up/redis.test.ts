import { parseRedisUrl, type RedisLocation } from '@rerank-fleet/service-shell';
import { exporterEnv, printableAddress } from './redis';

const location = (url: string) => parseRedisUrl(url) as RedisLocation;

it.each([
  ['redis://127.0.0.1:7000', ' (127.0.0.1:7000)'],
  ['rediss://user:hush@[::1]:7000/2', ' ([::1]:7000)'],
  ['redis://redis', ''],
  // a password without the rest of the URL is parsed as a host
  ['redis://hush:7000', ''],
  ['redis+cluster://127.0.0.1:1,127.0.0.1:2', ' (127.0.0.1:1, 127.0.0.1:2)'],
  ['redis+cluster://127.0.0.1:1,hush', ''],
])('of %s it is said that it is at "%s"', (url, place) => expect(printableAddress(location(url))).toBe(place));

it.each([
  ['redis://redis:7000/2', 'redis://redis:7000', '', ''],
  ['rediss://user:p%40ss%2F@redis', 'rediss://redis:6379', 'user', 'p@ss/'],
  ['redis+sentinel://:hush@s1:1,s2:2/main', 'redis://s1:1', '', 'hush'],
  ['redis://:hush@[::1]:7000', 'redis://[::1]:7000', '', 'hush'],
])('the exporter of %s gets the password apart from the address', (...[url, address, user, password]) => {
  expect(exporterEnv(location(url))).toEqual({ REDIS_ADDR: address, REDIS_USER: user, REDIS_PASSWORD: password });
});
