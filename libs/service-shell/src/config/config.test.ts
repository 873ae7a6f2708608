import fc from 'fast-check';
import { z } from 'zod';
import { ConfigError, assertSecretsAreTyped, describeConfig, parseConfig } from './config';
import { booleanFlag, durationMs, list, logLevel, oneOf, port, secret, secretList, wholeNumber } from './config-fields';
import { networks } from './networks';
import { redisUrl, type RedisLocation } from './redis-server';
import type { Secret } from './secret';

const schema = z.object({
  PORT: port().default(8080).describe('where to listen'),
  API_KEY: secret(),
  WAIT_MS: durationMs(100, 900_000).default(300_000),
  REDIS_URL: redisUrl().prefault('redis://127.0.0.1:6379'),
  NAME: z.string().optional(),
});
const parse = (env: Record<string, string | undefined>) => parseConfig(schema, { API_KEY: 'k', ...env });

describe('parseConfig', () => {
  test('gives typed values and the defaults, and ignores what it does not know', () => {
    const config = parse({ PORT: '0', PATH: '/bin' });
    const typed: { PORT: number; API_KEY: Secret; REDIS_URL: RedisLocation; NAME?: string | undefined } = config;
    expect(typed).toMatchObject({ PORT: 0, WAIT_MS: 300_000 });
    expect(typed.API_KEY.reveal()).toBe('k');
    expect(typed.REDIS_URL.url.reveal()).toBe('redis://127.0.0.1:6379');
    expect(typed).not.toHaveProperty('PATH');
  });

  test('takes a variable that is set but empty for one that is not set', () => {
    const config = parse({ PORT: '', NAME: '' });
    expect([config.PORT, config.NAME]).toEqual([8080, undefined]);
  });

  test('names every variable at fault, one line each, with what is wrong and allowed', () => {
    const error = configError(() => parseConfig(schema, { PORT: 'http', WAIT_MS: '50' }));
    expect(error.problems).toEqual([
      'PORT: is not a whole number (allowed: a port from 1 to 65535, or 0 for any free one)',
      'API_KEY: is not set (allowed: a secret text)',
      'WAIT_MS: is too small (allowed: whole milliseconds from 100 to 900000)',
    ]);
    expect(error.message.split('\n')).toHaveLength(4);
  });

  test('never shows a value, whatever it is', () => {
    const value = fc.string({ minLength: 12 }).filter((text) => !/^[\d\s]*$/.test(text));
    fc.assert(
      fc.property(value, (text) => {
        const env = { PORT: text, REDIS_URL: `http://:${text}@host`, WAIT_MS: text };
        expect(configError(() => parse(env)).message).not.toContain(text);
      }),
    );
  });

  test.each<[string, z.ZodType]>([
    ['a flag', booleanFlag()],
    ['a number', wholeNumber(1, 2)],
    ['a word', oneOf(['a', 'b'])],
    ['an address of Redis', redisUrl()],
    ['networks', networks()],
    ['a secret with a rule', secret().refine(() => false, 'is too short')],
    ['a URL', z.url({ protocol: /^https?$/ })],
    ['a pattern', z.string().regex(/^$/)],
    ['a number of zod', z.coerce.number()],
    ['a choice of zod', z.enum(['a', 'b'])],
  ])('shows no part of what is set in place of %s', (_what, field) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[QXZJVKW]{4}[@/#?%: ]{0,2}[QXZJVKW]{4}$/), (text) => {
        const { message } = configError(() => parseConfig(z.object({ X: field }), { X: text }));
        expect(message).not.toMatch(/[QXZJVKW]{4}/i);
      }),
    );
  });

  test('gives the words of a check across variables, and of a transform around the object', () => {
    const crossed = schema
      .refine(({ PORT }) => PORT !== 1, { path: ['PORT'], message: 'must differ from the ops port' })
      .transform(({ PORT }) => ({ portNumber: PORT }));
    expect(parseConfig(crossed, { API_KEY: 'k', PORT: '2' })).toEqual({ portNumber: 2 });
    const { problems } = configError(() => parseConfig(crossed, { API_KEY: 'k', PORT: '1' }));
    expect(problems[0]).toMatch(/^PORT: must differ from the ops port/);
  });

  test("gives zod's words for a field that has none of its own", () => {
    const { problems } = configError(() => parseConfig(z.object({ NAME: z.string().min(3) }), { NAME: 'ab' }));
    expect(problems[0]).toMatch(/^NAME: .*3 characters/);
  });
});

describe('a field', () => {
  const one = <T>(field: z.ZodType<T>, text: string) => {
    const schemaOfOne = z.object({ X: field }) as unknown as z.ZodType<{ X: T }>;
    return parseConfig(schemaOfOne, { X: text }).X;
  };

  test.each(['true', '1', 'YES', ' on '])('booleanFlag takes %j as true', (text) => {
    expect(one(booleanFlag(), text)).toBe(true);
  });
  test.each(['false', '0', 'No', 'off'])('booleanFlag takes %j as false', (text) => {
    expect(one(booleanFlag(), text)).toBe(false);
  });

  test.each([
    ['booleanFlag', booleanFlag(), 'maybe'],
    ['wholeNumber', wholeNumber(1, 5), '0'],
    ['wholeNumber', wholeNumber(1, 5), '6'],
    ['wholeNumber', wholeNumber(1, 5), '2.5'],
    ['wholeNumber', wholeNumber(1, 5), '0x2'],
    ['wholeNumber', wholeNumber(1, 5), '1e0'],
    ['port', port(), '65536'],
    ['port', port(), '-1'],
    ['durationMs', durationMs(0, 10), '5s'],
    ['oneOf', oneOf(['a', 'b']), 'c'],
    ['logLevel', logLevel(), 'loud'],
    ['redisUrl', redisUrl(), 'http://localhost'],
    ['redisUrl', redisUrl(), 'localhost'],
  ])('%s refuses %3$j', (_name, field: z.ZodType, text) => {
    expect(configError(() => one(field, text)).problems).toHaveLength(1);
  });

  test('numbers take their bounds', () => {
    expect([one(wholeNumber(-1, 5), '-1'), one(wholeNumber(-1, 5), '5'), one(port(), '65535')]).toEqual([-1, 5, 65535]);
  });

  test('lists drop spaces and empty items', () => {
    expect(one(list(), ' a, b ,,c ')).toEqual(['a', 'b', 'c']);
    expect(one(secretList(), 'a, b').map((key) => key.reveal())).toEqual(['a', 'b']);
  });

  test('oneOf keeps its words as a type', () => {
    const word: 'a' | 'b' = one(oneOf(['a', 'b']), 'b');
    expect(word).toBe('b');
  });
});

describe('describeConfig', () => {
  test('gives one row a variable, whatever wraps it and the object', () => {
    const wrapped = schema.refine(() => true).transform((config) => config);
    expect(describeConfig(wrapped)).toEqual(describeConfig(schema));
    expect(describeConfig(schema)).toEqual([
      {
        variable: 'PORT',
        type: 'a port from 1 to 65535, or 0 for any free one',
        default: '8080',
        required: false,
        secret: false,
        description: 'where to listen',
      },
      expect.objectContaining({ variable: 'API_KEY', required: true, secret: true, default: undefined }),
      expect.objectContaining({ variable: 'WAIT_MS', default: '300000' }),
      expect.objectContaining({ variable: 'REDIS_URL', default: 'redis://127.0.0.1:6379', secret: true }),
      expect.objectContaining({ variable: 'NAME', type: 'string', required: false, description: '' }),
    ]);
  });

  test('refuses a schema that is no object of variables', () => {
    expect(() => describeConfig(z.string())).toThrow('object of variables');
  });
});

describe('assertSecretsAreTyped', () => {
  test.each(['API_KEY', 'HF_TOKEN', 'clientSecret', 'REDIS_PASSWORD'])('trips over a bare %s', (variable) => {
    expect(() => assertSecretsAreTyped(z.object({ [variable]: z.string().default('x') }))).toThrow(variable);
    expect(() => assertSecretsAreTyped(z.object({ [variable]: list() }))).toThrow(variable);
  });

  test('passes secrets under any wrapper, counts of tokens and other names', () => {
    const typed = z.object({
      API_KEYS: secretList().optional().describe('keys'),
      HF_TOKEN: secret().optional(),
      BATCH_TOKENS: wholeNumber(1, 9).default(5),
      NEEDS_KEY: booleanFlag().default(false),
      NAME: z.string(),
    });
    expect(() => assertSecretsAreTyped(typed)).not.toThrow();
  });
});

function configError(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}
