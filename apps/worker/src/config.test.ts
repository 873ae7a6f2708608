import { assertSecretsAreTyped, parseConfig } from '@rerank-fleet/service-shell';
import { configSchema } from './config';

describe('the configuration of a worker', () => {
  it('has a default for everything but the number of sessions, which follows the machine', () => {
    const config = parseConfig(configSchema, {});
    expect(config).toMatchObject({ MODEL: 'multilingual-e5-small', DEFAULT_BUNDLE: true, DRAIN_LIMIT_MS: 8_000 });
    expect(config.SESSIONS).toBeUndefined();
  });

  it('runs on the CPU by default, and accepts only devices that bundles have budgets for', () => {
    expect(parseConfig(configSchema, {}).PROVIDER).toBe('cpu');
    expect(parseConfig(configSchema, { PROVIDER: 'cuda' }).PROVIDER).toBe('cuda');
    expect(() => parseConfig(configSchema, { PROVIDER: 'gpu' })).toThrow(/PROVIDER: .*one of cpu, cuda/);
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['512', 512],
  ])('finds the token budget unless TOKEN_BUDGET fixes it: %p', (TOKEN_BUDGET, tokens) => {
    expect(parseConfig(configSchema, { TOKEN_BUDGET }).TOKEN_BUDGET).toBe(tokens);
  });

  it('encodes on one thread unless it is told otherwise', () => {
    expect(parseConfig(configSchema, {}).ENCODER_THREADS).toBe(1);
    expect(parseConfig(configSchema, { ENCODER_THREADS: '4' }).ENCODER_THREADS).toBe(4);
    expect(() => parseConfig(configSchema, { ENCODER_THREADS: '0' })).toThrow(/ENCODER_THREADS: .*from 1 to 64/);
  });

  it.each(['0', '-1', '1.5', 'auto', '1e9'])('refuses %p as a token budget', (TOKEN_BUDGET) => {
    expect(() => parseConfig(configSchema, { TOKEN_BUDGET })).toThrow(/TOKEN_BUDGET: .*from 1 to 1000000/);
  });

  it('keeps secrets typed', () => {
    expect(() => assertSecretsAreTyped(configSchema)).not.toThrow();
  });

  it('names the variable and what it takes, never its value', () => {
    const read = () => parseConfig(configSchema, { SESSIONS: 'many', REDIS_URL: 'http://user:hidden@host' });
    expect(read).toThrow(/SESSIONS: .*from 1 to 256[\s\S]*|REDIS_URL/);
    expect(read).not.toThrow(/hidden|many/);
  });
});
