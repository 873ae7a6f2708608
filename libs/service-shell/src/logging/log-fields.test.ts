import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { ConfigError } from '../config/config';
import { failureLine } from '../process/failure-line';
import { isError, loggable, loggableFields, withoutTarget } from './log-fields';
import { createSecret } from '../config/secret';

const userText = 'what is my "salary" at O\'Hara?';
const shown = (value: unknown) => JSON.stringify(loggable(value));

describe('loggable', () => {
  test.each([5, true, null, undefined, 'e5@1', 'http://127.0.0.1:8080/metrics', 'ECONNREFUSED', ''])(
    'keeps %p',
    (value) => expect(loggable(value)).toBe(value),
  );

  test('shows of any text with a space or a letter outside ASCII only its length', () => {
    expect(loggable(userText)).toBe(`<text of ${userText.length} characters>`);
    expect(loggable('什么是机器学习')).toBe('<text of 7 characters>');
    expect(loggable('x'.repeat(201))).toBe('<text of 201 characters>');
    expect(loggable('two\nlines')).toBe('<text of 9 characters>');
    expect(loggable('redis://:pa/ss@host:6379')).toBe('<text of 24 characters>');
  });

  test('looks into lists but not into objects', () => {
    expect(loggable(['a', 1, userText, [userText]])).toEqual([
      'a',
      1,
      `<text of ${userText.length} characters>`,
      '<list>',
    ]);
    expect(loggable({ query: userText })).toBe('<object>');
    expect(loggable(createSecret('hunter2'))).toBe('<object>');
    expect(loggable(() => userText)).toBe('<function>');
  });

  test('moves a field out of the way of a key that every line has', () => {
    expect(loggableFields({ app: 'worker', jobs: 2 })).toEqual({ app_: 'worker', jobs: 2 });
  });
});

describe('an error in a log', () => {
  test('keeps its type, code, message and frames', () => {
    const error = Object.assign(new TypeError('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' });
    expect(loggable(error)).toMatchObject({
      type: 'TypeError',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:6379',
      frames: expect.arrayContaining([expect.stringContaining('log-fields.test.ts')]),
    });
  });

  test('is recognised in any realm', () => {
    expect(loggable(runInNewContext('new RangeError("far")'))).toMatchObject({ type: 'RangeError', message: 'far' });
  });

  test('shows nothing of what a parser quotes, for any text', () => {
    const words = fc.stringMatching(/^[a-z"'` \n]{3,40}$/).map((text) => `zq${text}zq`);
    fc.assert(
      fc.property(words, (text) => {
        const error = parseError(text);
        // The message quotes the input from its first letters, so a leak would hold these two.
        expect(shown(error)).not.toContain('zq');
      }),
    );
  });

  test('shows nothing of a quoted text that holds quotes, lines or looks like a frame', () => {
    for (const text of [userText, `a\n    at ${userText}`, `"${userText}`, 'x'.repeat(300)]) {
      const line = shown(new Error(`ERR unknown command '${text}', with args`));
      expect(line).toContain('ERR unknown command <quoted>');
      expect(line).not.toMatch(/salary|Hara|xxx/);
    }
  });

  test('shows no property that a client attached, such as the arguments of a Redis command', () => {
    const error = Object.assign(new Error('WRONGTYPE'), { command: { name: 'xadd', args: [userText] } });
    expect(shown(error)).not.toContain('salary');
  });

  test('shows its causes under the same rules, three at most', () => {
    const chain = [1, 2, 3, 4, 5].reduce<Error | undefined>(
      (cause, n) => new Error(`level-${n}`, { cause }),
      undefined,
    );
    expect(shown(chain)).toContain('level-2');
    expect(shown(chain)).not.toContain('level-1"');
    expect(shown(new AggregateError([new Error('ECONNREFUSED')], ''))).toContain('ECONNREFUSED');
    expect(shown(new Error('outer', { cause: new Error(`bad "${userText}"`) }))).not.toContain('salary');
  });
});

/** Stands for the part of a secret that became the name, path or user of something. */
const part = 'QXZJ%VKWY';

/** What comes of a call with it: real errors of Node, and of what else the fleet calls as they were seen. */
const failures: Record<string, () => unknown> = {
  'a name that is not known': () => failureOf(connect({ host: part, port: 1 })),
  'a path that does not exist': () => failureOf(connect(`/nowhere/${part}`)),
  'a path with spaces': () => failureOf(connect(`/no where/${part}`)),
  'a URL that is none': () => thrown(() => new URL(`redis://:${part}#@host`)),
  'a port that is none': () => thrown(() => connect({ host: 'localhost', port: part as never })),
  'a URL that cannot be fetched': () => fetch(`${part}:${part}`).catch((error: unknown) => error),
  'a URL with a password': () => fetch(`http://user:${part}@localhost/`).catch((error: unknown) => error),
  'a key that no header can hold': () => thrown(() => new Headers({ authorization: `Bearer ${part}\n${part}` })),
  'a path that cannot be requested': () => thrown(() => request({ host: 'localhost', path: `/${part} ` })),
  'a name that no certificate has': () =>
    checkServerIdentity(part, { subject: { CN: 'a' }, subjectaltname: 'DNS:a' } as never),
  'a name in another message': () =>
    new Error(`All sentinels are unreachable. Last error: getaddrinfo ENOTFOUND ${part}`),
  'a URL in another message': () => new Error(`request to redis+sentinel://${part} failed, reason: ${part}`),
  'a user whom Redis refuses': () => new Error(`NOPERM User ${part} has no permissions to run the 'get' command`),
  'a value that OpenTelemetry does not know': () => new Error(`Configuration: X is invalid (actual: ${part})`),
};

describe('an error about something that may be a part of a secret', () => {
  test.each(Object.entries(failures))('does not log %s', async (_what, fail) => {
    const error = await fail();
    expect(isError(error)).toBe(true);
    for (const logged of [error, new AggregateError([error], 'all failed'), new Error('outer', { cause: error })]) {
      expect(shown(logged)).not.toMatch(/QXZJ|VKWY/);
    }
    expect(failureLine(error)).not.toMatch(/QXZJ|VKWY/);
  });

  test('still logs the address of a connection', async () => {
    const refused = 'connect ECONNREFUSED 127.0.0.1:1';
    expect(loggable(await failureOf(connect({ host: '127.0.0.1', port: 1 })))).toMatchObject({ message: refused });
    expect(withoutTarget('connect ECONNREFUSED ::1:6379')).toBe('connect ECONNREFUSED ::1:6379');
    const taken = 'listen EADDRINUSE: address already in use 127.0.0.1:8080';
    expect(failureLine(new Error(taken), 'could not start')).toBe(`could not start: ${taken}`);
  });

  test.each([
    ['getaddrinfo ENOTFOUND redis', 'getaddrinfo ENOTFOUND <hidden>'],
    ['connect ENOENT /run/a b', 'connect ENOENT <hidden>'],
    ['two lines\ngetaddrinfo ENOTFOUND redis', 'two lines\ngetaddrinfo ENOTFOUND <hidden>'],
    ['Port should be < 65536. Received type number (99999).', 'Port should be < 65536. Received <hidden>'],
    ['WRONGPASS invalid username-password pair or user is disabled.', undefined],
    ['READONLY You can not write against a read only replica.', undefined],
    ['read ECONNRESET', undefined],
    ['ERR Error running script (call to f_1): @user_script:4: x', undefined],
  ])('%j is logged as %j', (message, logged = message) => expect(withoutTarget(message)).toBe(logged));

  test('leaves the path of a file that cannot be read to the person who starts a program', () => {
    const error = thrown(() => readFileSync('/nowhere/golden.json'));
    expect(failureLine(error)).toBe("ENOENT: no such file or directory, open '/nowhere/golden.json'");
  });

  test('leaves the words of an error of our own to the same person', () => {
    const words = `CUDA cannot be used ("${'libcudnn.so.9, '.repeat(20)}" is missing)`;
    expect(failureLine(new Error(words))).toBe(words);
  });

  test('reports an invalid environment unchanged', () => {
    const error = new ConfigError(['REDIS_URL: is not a valid URL (allowed: a URL that begins with redis://)']);
    expect(failureLine(error, 'could not start')).toBe(error.message);
  });
});

async function failureOf(socket: Socket): Promise<unknown> {
  const [error] = (await once(socket, 'error')) as [unknown];
  return error;
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function parseError(text: string): unknown {
  return thrown(() => JSON.parse(text));
}
