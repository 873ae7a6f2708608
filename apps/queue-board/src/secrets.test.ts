import dns from 'node:dns';
import fc from 'fast-check';
import { openQueueObserver, type RedisServer } from '@rerank-fleet/queue';
import { ConfigError, createLogger, failureLine, parseConfig, redisServer } from '@rerank-fleet/service-shell';
import { configSchema } from './config';

/** Rare letters, so that no other output has four of them in a row. */
const letters = fc.stringMatching(/^[QXZJVKW]{4,7}$/);
/** Characters with a meaning in URLs, and characters that occur there by mistake. */
const marks = [
  '',
  '@',
  '/',
  '#',
  '?',
  '%',
  '%4',
  '%zz',
  ':',
  ' ',
  '\\',
  '[',
  ']',
  '^',
  '|',
  '&',
  '=',
  '+',
  ',',
  '"',
  "'",
  '\n',
];
const secret = fc.tuple(letters, fc.constantFrom(...marks), letters).map((parts) => parts.join(''));

/** URLs with a password (S) in a right or a wrong position. */
const urls = [
  'redis://:S@127.0.0.1:1',
  'redis://user:S@127.0.0.1:1',
  'rediss://:S@127.0.0.1:1/0',
  'redis://S@127.0.0.1:1',
  'redis://S:@127.0.0.1:1',
  'redis:S@127.0.0.1:1',
  'redis:/S@127.0.0.1:1',
  'redis:///S@127.0.0.1:1',
  'redis://user:S@[::1]:1',
  'redis://:1/S@127.0.0.1:1',
  'redis://:S:127.0.0.1:1',
  'redis://127.0.0.1:1?password=S',
  'redis://127.0.0.1:1/S',
  'redis://127.0.0.1:1#S',
  'redis://127.0.0.1:S',
  'redis://user:S@127.0.0.1:1,user:S@127.0.0.1:2',
  'redis://:S@127.0.0.1:1\n',
  ' redis://:S@127.0.0.1:1',
  'redis+sentinel://:S@127.0.0.1:1',
  'redis+sentinel://:S@127.0.0.1:1/main',
  'redis+cluster://:S@127.0.0.1:1,127.0.0.1:2',
  'http://:S@127.0.0.1:1',
  'redis://S:6379',
  'redis://S',
  'redis://[S]:1',
  'S@127.0.0.1:1',
  'S',
];

/** The complete output of the board's process with an environment. */
async function printedWith(env: Record<string, string>): Promise<string> {
  const lines: string[] = [];
  const collect = (...line: unknown[]) => void lines.push(line.map(String).join(' '));
  const spies = (['log', 'info', 'warn', 'error'] as const).map((name) => jest.spyOn(console, name));
  for (const spy of spies) spy.mockImplementation(collect);
  const logger = createLogger({ app: 'queue-board', level: 'debug', destination: { write: collect } });
  try {
    await connectionFault(redisServer(parseConfig(configSchema, env)), (error) =>
      logger.warn('Redis is away', { error }),
    );
  } catch (error) {
    collect(failureLine(error, 'could not start'));
  }
  for (const spy of spies) spy.mockRestore();
  return lines.join('\n');
}

/** Waits for the first connection error. */
async function connectionFault(redis: RedisServer, tell: (error: Error) => void): Promise<void> {
  let observer: ReturnType<typeof openQueueObserver> | undefined;
  await new Promise<void>((resolve) => {
    const onError = (_role: string, error: Error) => {
      tell(error);
      resolve();
    };
    observer = openQueueObserver({ redis, prefix: 'p', onError });
  }).finally(() => observer?.close());
}

/** Four consecutive characters of a secret, in any case. */
function partOf(text: string, printed: string): string | undefined {
  const upper = printed.toUpperCase();
  const parts = Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4));
  return parts.find((part) => /[QXZJVKW]{3}/.test(part) && upper.includes(part.toUpperCase()));
}

describe('no part of a secret is printed', () => {
  beforeAll(() => {
    // the error of Node's host name lookup, without a network
    jest.spyOn(dns, 'lookup').mockImplementation(((
      hostname: string,
      _options: object,
      done: (error: Error) => void,
    ) => {
      const facts = { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname };
      process.nextTick(done, Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), facts));
    }) as unknown as typeof dns.lookup);
  });
  afterAll(() => jest.restoreAllMocks());

  it.each(urls)('of the password in %j', async (url) => {
    await fc.assert(
      fc.asyncProperty(secret, async (password) => {
        const env = { BOARD_PASSWORD: 'correct-horse', REDIS_URL: url.replaceAll('S', password) };
        const printed = await printedWith(env);
        expect(printed).not.toBe('');
        expect(partOf(password, printed)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it.each(Object.keys(configSchema.shape))('of a secret that is used as %s', async (variable) => {
    await fc.assert(
      fc.property(secret, (text) => {
        try {
          parseConfig(configSchema, { BOARD_PASSWORD: 'correct-horse', [variable]: text });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(partOf(text, failureLine(error))).toBeUndefined();
        }
      }),
    );
  });
});
