import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { loggable, loggableFields } from './log-fields';
import { createSecret } from './secret';

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

function parseError(text: string): unknown {
  try {
    JSON.parse(text);
  } catch (error) {
    return error;
  }
  throw new Error('the text was JSON');
}
