import { format, inspect } from 'node:util';
import { createSecret, createSecretCheck } from './secret';

const key = createSecret('hunter2');

describe('a secret', () => {
  test('gives its text to who asks for it', () => {
    expect(key.reveal()).toBe('hunter2');
  });

  test.each([
    ['a string', `${key}`],
    ['JSON', JSON.stringify({ key })],
    ['inspection', inspect({ key }, { showHidden: true, depth: 9, customInspect: true })],
    ['inspection that ignores its own words', inspect(key, { customInspect: false, showHidden: true })],
    ['format', format('%s %o %j', key, key, key)],
    ['its properties', JSON.stringify(Object.entries(key).map(([name, value]) => [name, String(value)]))],
  ])('does not show it as %s', (_how, shown) => {
    expect(shown).not.toContain('hunter2');
  });

  test('shows that something is hidden', () => {
    expect(`${key} ${JSON.stringify(key)} ${inspect(key)}`).toBe('[redacted] "[redacted]" [redacted]');
  });
});

describe('a check of secrets', () => {
  const isKnown = createSecretCheck([createSecret('first'), createSecret('second')]);

  test.each(['first', 'second'])('knows %s', (text) => {
    expect(isKnown(text)).toBe(true);
  });

  test.each(['', 'firs', 'first ', 'First', '[redacted]'])('does not take %p for one', (text) => {
    expect(isKnown(text)).toBe(false);
  });

  test('without secrets knows none', () => {
    expect(createSecretCheck([])('')).toBe(false);
  });
});
